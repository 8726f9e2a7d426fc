# Krippendorff's alpha, Cohen's, weighted and Fleiss' kappa. Run from tests/golden: Rscript r/agreement.R
suppressMessages({library(psych); library(vcd)})
set.seed(71)

rows <- list()
add <- function(case, quantity, value, tolerance, source)
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = sprintf("%.15g", value), tolerance, source)

# Krippendorff (2011): four observers, twelve units; the printed answers have three decimals.
observers <- rbind(
  c(1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA), c(1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3),
  c(NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA), c(1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA))
published <- c(nominal = .743, ordinal = .815, interval = .849, ratio = .797)
for (metric in names(published))
  add("observers", paste("published", metric), published[[metric]], 5e-4, "Krippendorff (2011)")

# Alpha from the coincidence matrix, by its formula.
alpha <- function(values, metric) {
  levels <- sort(unique(na.omit(c(values))))
  units <- values[, colSums(!is.na(values)) > 1, drop = FALSE]
  o <- matrix(0, length(levels), length(levels))
  for (u in seq_len(ncol(units))) {
    given <- match(na.omit(units[, u]), levels); m <- length(given)
    for (i in seq_len(m)) for (j in seq_len(m)) if (i != j) o[given[i], given[j]] <- o[given[i], given[j]] + 1 / (m - 1)
  }
  n <- rowSums(o)
  delta <- outer(seq_along(levels), seq_along(levels), Vectorize(function(a, b) switch(metric,
    nominal = as.numeric(a != b), interval = (levels[a] - levels[b])^2,
    ratio = if (levels[a] + levels[b] == 0) 0 else ((levels[a] - levels[b]) / (levels[a] + levels[b]))^2,
    ordinal = (sum(n[a:b]) - (n[a] + n[b]) / 2)^2)))
  1 - (sum(n) - 1) * sum(o * delta) / sum(outer(n, n) * delta)
}
three <- t(sapply(1:3, function(i) pmin(pmax(round(rep(c(1, 2, 3, 4, 5), 8) + rnorm(40, 0, .8)), 0), 6)))
three[cbind(sample(3, 25, TRUE), sample(40, 25, TRUE))] <- NA
two <- t(sapply(1:2, function(i) rbinom(30, 1, rep(c(.1, .8), c(20, 10)))))
cases <- list(observers = observers, three = three, two = two)
for (name in names(cases)) {
  write.table(cases[[name]], sprintf("data/agreement_%s.csv", name), sep = ",", row.names = FALSE, col.names = FALSE, na = "nan")
  for (metric in names(published)) if (!(name == "two" && metric == "ratio"))
    add(name, paste("alpha", metric), alpha(cases[[name]], metric), 1e-9, "formula of Krippendorff (2018) in base R")
}

# Kappa of two coders. psych's interval is that of Fleiss, Cohen and Everitt (1969) too.
tables <- list(
  even = matrix(c(20, 5, 10, 15), 2, byrow = TRUE),
  rare = matrix(c(3, 1, 2, 44), 2, byrow = TRUE),
  empty_cell = matrix(c(0, 4, 6, 10), 2, byrow = TRUE),
  polarity = matrix(c(11, 3, 1, 4, 20, 6, 0, 5, 30), 3, byrow = TRUE),
  never_mixed = matrix(c(11, 0, 1, 2, 0, 6, 3, 0, 30), 3, byrow = TRUE),
  five = matrix(c(9, 3, 1, 0, 0, 2, 8, 4, 1, 0, 0, 3, 10, 4, 1, 0, 1, 3, 12, 5, 1, 0, 0, 2, 14), 5, byrow = TRUE),
  worse_than_chance = matrix(c(2, 9, 8, 3), 2, byrow = TRUE)
)
for (name in names(tables)) {
  t <- tables[[name]]; k <- nrow(t)
  write.table(t, sprintf("data/agreement_table_%s.csv", name), sep = ",", row.names = FALSE, col.names = FALSE)
  found <- suppressWarnings(vcd::Kappa(t, weights = "Equal-Spacing"))
  add(name, "kappa", found$Unweighted[[1]], 1e-9, "vcd::Kappa")
  add(name, "kappa se", found$Unweighted[[2]], 1e-9, "vcd::Kappa")
  add(name, "linear", found$Weighted[[1]], 1e-9, "vcd::Kappa Equal-Spacing")
  add(name, "linear se", found$Weighted[[2]], 1e-9, "vcd::Kappa Equal-Spacing")
  found <- suppressWarnings(vcd::Kappa(t, weights = "Fleiss-Cohen"))
  add(name, "quadratic", found$Weighted[[1]], 1e-9, "vcd::Kappa Fleiss-Cohen")
  add(name, "quadratic se", found$Weighted[[2]], 1e-9, "vcd::Kappa Fleiss-Cohen")
  # With more than two values the standard error of weighted kappa in psych 2.2.9 is another one than in vcd; the
  # spread of kappa over tables simulated from these is vcd's. It is compared for two values only.
  found <- suppressWarnings(psych::cohen.kappa(t, n.obs = sum(t)))
  add(name, "kappa of psych", found$kappa, 1e-9, "psych::cohen.kappa")
  add(name, "kappa se of psych", sqrt(found$var.kappa), 1e-9, "psych::cohen.kappa var.kappa")
  add(name, "quadratic of psych", found$weighted.kappa, 1e-9, "psych::cohen.kappa (quadratic weights)")
  if (k == 2) add(name, "quadratic se of psych", sqrt(found$var.weighted), 1e-9, "psych::cohen.kappa var.weighted")
}

# Fleiss' kappa by its formula (Fleiss 1971).
fleiss <- function(counts) {
  m <- sum(counts[1, ]); p <- colSums(counts) / sum(counts)
  agreed <- mean((rowSums(counts^2) - m) / (m * (m - 1)))
  (agreed - sum(p^2)) / (1 - sum(p^2))
}
counts <- list(
  three_coders = t(rmultinom(25, 3, c(.3, .7))),
  six_coders = t(sapply(sample(5, 30, TRUE), function(k) rmultinom(1, 6, ifelse(1:5 == k, .6, .1)))),
  alike = cbind(c(4, 0, 4, 0, 4, 1), c(0, 4, 0, 4, 0, 3))
)
for (name in names(counts)) {
  write.table(counts[[name]], sprintf("data/agreement_fleiss_%s.csv", name), sep = ",", row.names = FALSE, col.names = FALSE)
  add(name, "fleiss", fleiss(counts[[name]]), 1e-9, "formula of Fleiss (1971) in base R")
}
write.csv(do.call(rbind, rows), "agreement.csv", row.names = FALSE, quote = TRUE)
