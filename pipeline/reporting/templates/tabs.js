// Tabs by the keyboard pattern of the ARIA Authoring Practices; without script all panels stand one below the other.
document.querySelectorAll(".panel-tabset").forEach(function (set, number) {
  var panels = Array.from(set.children).filter(function (child) { return child.classList.contains("tab-panel"); });
  var list = document.createElement("div");
  list.className = "tab-list";
  list.setAttribute("role", "tablist");
  var buttons = panels.map(function (panel, at) {
    var button = document.createElement("button");
    var id = "tabset-" + number + "-" + at;
    panel.id = panel.id || id + "-panel";
    button.type = "button";
    button.id = id;
    button.innerHTML = panel.querySelector(".tab-title").innerHTML;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    button.addEventListener("click", function () { select(at, false); });
    list.appendChild(button);
    return button;
  });
  function select(chosen, focus) {
    buttons.forEach(function (button, at) {
      button.setAttribute("aria-selected", String(at === chosen));
      button.tabIndex = at === chosen ? 0 : -1;
      panels[at].hidden = at !== chosen;
    });
    if (focus) { buttons[chosen].focus(); }
  }
  list.addEventListener("keydown", function (event) {
    var at = buttons.indexOf(document.activeElement), last = buttons.length - 1;
    var next = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (next !== undefined && at >= 0) { event.preventDefault(); select(next, true); }
  });
  set.insertBefore(list, set.firstChild);
  set.classList.add("tabs-ready");
  select(0, false);
  // A link to something in a hidden panel opens its tab first.
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    panels.forEach(function (panel, at) {
      if (target && panel.contains(target)) { select(at, false); target.scrollIntoView(); }
    });
  }
  window.addEventListener("hashchange", reveal);
  reveal();
});
