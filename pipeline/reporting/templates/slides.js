// Arrow keys, space, Page Up and Page Down go from slide to slide; the number says where one is.
(function () {
  var slides = Array.from(document.querySelectorAll("main > .slide"));
  var counter = document.querySelector(".slide-number");
  function current() {
    var middle = window.innerHeight / 2;
    var at = slides.findIndex(function (slide) { return slide.getBoundingClientRect().bottom > middle; });
    return at < 0 ? slides.length - 1 : at;
  }
  function show() { counter.textContent = current() + 1 + " / " + slides.length; }
  document.addEventListener("keydown", function (event) {
    if (event.target.closest("[role=tablist], .table-scroll, a, button")) { return; }
    var step = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) { return; }
    event.preventDefault();
    slides[Math.max(0, Math.min(slides.length - 1, current() + step))].scrollIntoView();
  });
  document.addEventListener("scroll", show, { passive: true });
  show();
})();
