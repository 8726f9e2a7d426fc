# Frequencies, co-occurrence and saturation of codes. Run from tests/golden: Rscript r/themes.R
set.seed(1901)
rows <- list()
add <- function(case, quantity, value, source)
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = sprintf("%.15g", value), tolerance = 1e-9, source)

# Two coders, forty passages, five codes; 1 where given. A code counts by the majority: with two coders, by both.
draw <- function(n, p, keep) {
  one <- sapply(p, function(q) rbinom(n, 1, q))
  other <- ifelse(matrix(runif(length(one)), n) < keep, one, 1 - one)
  cbind(one, other)
}
cases <- list(forty = draw(40, c(.5, .4, .2, .08, .3), .9), six = draw(6, c(.6, .3, .2, .5, .2), .8))
for (name in names(cases)) {
  m <- cases[[name]]; k <- ncol(m) / 2; n <- nrow(m)
  write.table(m, sprintf("data/themes_%s.csv", name), sep = ",", row.names = FALSE, col.names = FALSE)
  both <- m[, 1:k] * m[, k + 1:k]; any <- pmax(m[, 1:k], m[, k + 1:k])
  for (c in 1:k) if (sum(any[, c])) {
    test <- suppressWarnings(prop.test(sum(both[, c]), n, correct = FALSE))
    add(name, paste("share", c), test$estimate[[1]], "stats::prop.test")
    add(name, paste("share low", c), test$conf.int[1], "stats::prop.test, correct = FALSE (Wilson)")
    add(name, paste("share high", c), test$conf.int[2], "stats::prop.test, correct = FALSE (Wilson)")
    add(name, paste("any coder", c), mean(any[, c]), "base R")
  }
  for (c in 1:(k - 1)) for (d in (c + 1):k) if (sum(any[, c]) && sum(any[, d])) {
    add(name, paste("both codes", c, d), sum(both[, c] & both[, d]), "base R")
    if (sum(both[, c] | both[, d]))
      add(name, paste("jaccard", c, d), 1 - as.numeric(dist(rbind(both[, c], both[, d]), method = "binary")), "stats::dist binary")
  }
  shared <- rowSums(m[, 1:k] & m[, k + 1:k]); either <- rowSums(any)
  add(name, "jaccard of coders", mean(ifelse(either == 0, 1, shared / pmax(either, 1))), "formula of Jaccard in base R")
  # Saturation: first unit of each code; mean over all orders by counting subsets (Hurlbert 1971) with lchoose.
  present <- both[, colSums(both) > 0, drop = FALSE]
  first <- apply(present, 2, function(column) which(column > 0)[1])
  for (u in 1:n) {
    add(name, paste("seen in order", u), sum(first <= u), "base R")
    missing <- n - colSums(present)
    add(name, paste("seen at random", u), sum(1 - exp(lchoose(missing, u) - lchoose(n, u))), "base::lchoose")
  }
  add(name, "late codes", mean(first > n - n %/% 4), "base R")
  base <- sum(first <= 4)
  for (end in 6:n) add(name, paste("ratio", end), sum(first <= end & first > end - 2) / base, "rule of Guest, Namey and Chen (2020) in base R")
}
write.csv(do.call(rbind, rows), "themes.csv", row.names = FALSE, quote = TRUE)
