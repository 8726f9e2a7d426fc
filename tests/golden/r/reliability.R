# Alpha, omega, items, Spearman's correlation and the error of a score. Run from tests/golden: Rscript r/reliability.R
suppressMessages(library(psych))
set.seed(20261122)

draw <- function(n, loadings, cuts, reverse = integer()) {
  factor <- rnorm(n)
  items <- sapply(loadings, function(l) findInterval(l * factor + sqrt(1 - l^2) * rnorm(n), cuts) + 1)
  for (r in reverse) items[, r] <- length(cuts) + 2 - items[, r]
  colnames(items) <- paste0("i", seq_along(loadings))
  as.data.frame(items)
}
five <- c(-1.4, -0.5, 0.4, 1.3)
scales <- list(
  six = draw(60, c(.8, .7, .6, .5, .75, .65), five, reverse = 4),
  three = draw(45, c(.8, .7, .6), five),
  two = draw(30, c(.8, .7), five),
  ten = draw(200, seq(.4, .85, length.out = 10), five),
  skewed = draw(80, c(.7, .6, .8, .7), c(-2, -1.5, -1, -.2)),
  yes_no = draw(120, c(.8, .8, .7, .6, .7), 0),
  weak = draw(35, c(.25, .2, .3, .2, .25), five),
  few = draw(12, c(.8, .7, .8, .6), five)
)
for (name in names(scales)) write.csv(scales[[name]], sprintf("data/reliability_%s.csv", name), row.names = FALSE)

rows <- list()
add <- function(case, quantity, value, tolerance, source)
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = sprintf("%.15g", value), tolerance, source)

# Standard error of omega: the expected information of a one-factor covariance structure, with numerical derivatives
# of the implied matrix, and a numerical gradient of omega.
error_of_omega <- function(loadings, errors, n) {
  at <- c(loadings, errors); k <- length(loadings)
  implied <- function(p) tcrossprod(p[1:k]) + diag(p[k + 1:k])
  omega <- function(p) sum(p[1:k])^2 / sum(implied(p))
  slope <- function(f, p, i, h = 1e-5) { e <- replace(numeric(length(p)), i, h); (f(p + e) - f(p - e)) / (2 * h) }
  turned <- lapply(seq_along(at), function(i) solve(implied(at), slope(implied, at, i)))
  information <- outer(seq_along(at), seq_along(at), Vectorize(function(i, j) (n - 1) / 2 * sum(diag(turned[[i]] %*% turned[[j]]))))
  gradient <- sapply(seq_along(at), function(i) slope(omega, at, i))
  sqrt(drop(gradient %*% solve(information, gradient)))
}

for (name in names(scales)) {
  items <- scales[[name]]; n <- nrow(items); k <- ncol(items)
  if (name == "six") items$i4 <- 6 - items$i4
  found <- suppressMessages(suppressWarnings(psych::alpha(items, check.keys = FALSE, warnings = FALSE)))
  alpha <- found$total$raw_alpha
  add(name, "alpha", alpha, 1e-9, "psych::alpha raw_alpha")
  feldt <- psych::alpha.ci(alpha, n.obs = n, n.var = k, p.val = .05)
  add(name, "alpha low", feldt$lower.ci, 1e-9, "psych::alpha.ci (Feldt)")
  add(name, "alpha high", feldt$upper.ci, 1e-9, "psych::alpha.ci (Feldt)")
  add(name, "mean correlation", found$total$average_r, 1e-9, "psych::alpha average_r")
  for (i in 1:k) {
    add(name, paste("item-rest", i), found$item.stats$r.drop[i], 1e-9, "psych::alpha r.drop")
    if (k > 2) add(name, paste("alpha without", i), found$alpha.drop$raw_alpha[i], 1e-9, "psych::alpha alpha.drop")
  }
  sd <- sd(rowSums(items))
  if (alpha >= 0) add(name, "error of measurement", sd * sqrt(1 - alpha), 1e-9, "psych::alpha, stats::sd")
  if (alpha >= 0) add(name, "detectable change", qnorm(.975) * sqrt(2) * sd * sqrt(1 - alpha), 1e-9, "psych::alpha, stats::qnorm")
  if (alpha >= 0) add(name, "detectable change of the mean", qnorm(.975) * sqrt(2 / n) * sd * sqrt(1 - alpha), 1e-9, "psych::alpha, stats::qnorm")
  for (pair in list(c(1, 2), c(1, k))) {
    test <- suppressWarnings(cor.test(items[[pair[1]]], items[[pair[2]]], method = "spearman", exact = FALSE))
    r <- test$estimate[["rho"]]
    reach <- qnorm(.975) * sqrt((1 + r^2 / 2) / (n - 3))
    label <- sprintf("spearman %d %d", pair[1], pair[2])
    if (paste(name, label) %in% sapply(rows, function(one) paste(one$case, one$quantity))) next
    add(name, label, r, 1e-9, "stats::cor.test")
    add(name, paste(label, "p"), test$p.value, 1e-9, "stats::cor.test")
    add(name, paste(label, "low"), tanh(atanh(r) - reach), 1e-9, "stats::cor.test, formula of Bonett and Wright (2000)")
    add(name, paste(label, "high"), tanh(atanh(r) + reach), 1e-9, "stats::cor.test, formula of Bonett and Wright (2000)")
  }
  if (k < 3) next
  fit <- factanal(items, 1, rotation = "none", control = list(nstart = 5, opt = list(factr = 10, maxit = 5000)))
  improper <- min(fit$uniquenesses) < .00501  # factanal stops at its bound of .005 then
  add(name, "improper", improper, 0, "stats::factanal, a uniqueness at its bound")
  if (improper) next
  loadings <- fit$loadings[, 1] * sign(sum(fit$loadings[, 1]))
  spread <- sapply(items, stats::sd)
  # factanal minimises over the uniquenesses by L-BFGS-B with numerical rounding of about 1e-8: six digits hold.
  for (i in 1:k) add(name, paste("loading", i), loadings[i], 1e-6, "stats::factanal")
  for (i in 1:k) add(name, paste("uniqueness", i), fit$uniquenesses[[i]], 1e-6, "stats::factanal")
  raw <- loadings * spread; own <- fit$uniquenesses * spread^2
  omega <- sum(raw)^2 / (sum(raw)^2 + sum(own))
  add(name, "omega", omega, 1e-6, "stats::factanal, formula of McDonald (1999)")
  se <- error_of_omega(raw, own, n)
  add(name, "omega se", se, 1e-6, "stats::factanal, expected information by numerical derivatives")
  reach <- qnorm(.975) * se / (omega * (1 - omega))
  add(name, "omega low", plogis(qlogis(omega) - reach), 1e-6, "stats::factanal, delta method on the logit scale")
  add(name, "omega high", plogis(qlogis(omega) + reach), 1e-6, "stats::factanal, delta method on the logit scale")
}
write.csv(do.call(rbind, rows), "reliability.csv", row.names = FALSE, quote = TRUE)
