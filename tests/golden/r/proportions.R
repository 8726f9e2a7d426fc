# Intervals, differences, tests and adjusted p of proportions, by R's own functions or by root finding.
rows <- list()
add <- function(case, quantity, elsewhere, tolerance, source) {
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = sprintf("%.17g", elsewhere), tolerance, source)
}
both <- function(case, name, ends, tolerance, source) {
  add(case, paste(name, "low"), ends[1], tolerance, source)
  add(case, paste(name, "high"), ends[2], tolerance, source)
}
solve <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-15, maxiter = 10000)$root

# One proportion
wilson <- function(x, n, level) suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE)$conf.int[1:2])
midp <- function(x, n, level) {
  tail <- (1 - level) / 2
  upper <- function(p) pbinom(x - 1, n, p, lower.tail = FALSE) - dbinom(x, n, p) / 2
  lower <- function(p) pbinom(x, n, p) - dbinom(x, n, p) / 2
  c(if (x == 0) 0 else solve(function(p) upper(p) - tail, 0, 1), if (x == n) 1 else solve(function(p) lower(p) - tail, 0, 1))
}
jeffreys <- function(x, n, level) {
  tail <- (1 - level) / 2
  c(if (x == 0) 0 else qbeta(tail, x + 0.5, n - x + 0.5), if (x == n) 1 else qbeta(1 - tail, x + 0.5, n - x + 0.5))
}
ones <- list(c(0, 1), c(1, 1), c(0, 7), c(7, 7), c(1, 30), c(15, 53), c(13, 16), c(81, 263), c(15, 148), c(0, 20),
             c(1, 29), c(29, 29), c(250, 500), c(999, 1000))
for (one in ones) for (level in c(0.8, 0.95, 0.99)) {
  x <- one[1]; n <- one[2]; case <- sprintf("%d of %d at %g", x, n, level)
  both(case, "wilson", wilson(x, n, level), 1e-9, "stats::prop.test")
  both(case, "clopper-pearson", binom.test(x, n, conf.level = level)$conf.int[1:2], 1e-9, "stats::binom.test")
  both(case, "mid-p", midp(x, n, level), 1e-9, "uniroot on stats::pbinom")
  both(case, "jeffreys", jeffreys(x, n, level), 1e-9, "stats::qbeta")
}

# Two independent proportions
newcombe <- function(a, m, b, n, level) {
  l <- wilson(a, m, level); u <- wilson(b, n, level); p <- a / m; q <- b / n
  c(p - q - sqrt((p - l[1])^2 + (u[2] - q)^2), p - q + sqrt((l[2] - p)^2 + (q - u[1])^2))
}
# Most likely second share, by the root of the likelihood's slope.
restricted <- function(a, m, b, n, delta) {
  low <- max(0, -delta); high <- min(1, 1 - delta)
  slope <- function(q) {
    part <- function(k, p) if (k == 0) 0 else k / p
    part(a, q + delta) - part(m - a, 1 - q - delta) + part(b, q) - part(n - b, 1 - q)
  }
  inner <- (high - low) * 1e-13
  if (slope(low + inner) <= 0) return(low)
  if (slope(high - inner) >= 0) return(high)
  solve(slope, low + inner, high - inner)
}
score <- function(a, m, b, n, delta) {
  q <- restricted(a, m, b, n, delta); p <- q + delta
  (a / m - b / n - delta) / sqrt((p * (1 - p) / m + q * (1 - q) / n) * (m + n) / (m + n - 1))
}
mn <- function(a, m, b, n, level) {
  z <- qnorm((1 + level) / 2); d <- a / m - b / n; edge <- 1e-12
  c(if (d == -1) -1 else solve(function(x) score(a, m, b, n, x) - z, -1 + edge, d - edge),
    if (d == 1) 1 else solve(function(x) score(a, m, b, n, x) + z, d + edge, 1 - edge))
}
# Barnard and Boschloo by brute force: all tables, a fine grid of the common share, then optimize around its peaks.
largest <- function(extreme, m, n) {
  f <- function(p) sum(outer(dbinom(0:m, m, p), dbinom(0:n, n, p))[extreme])
  grid <- seq(0, 1, length.out = 2001); v <- sapply(grid, f)
  peaks <- order(v, decreasing = TRUE)[1:8]
  fine <- sapply(peaks, function(i) optimize(f, c(grid[max(1, i - 1)], grid[min(2001, i + 1)]), maximum = TRUE, tol = 1e-12)$objective)
  min(1, max(v, fine))
}
barnard <- function(a, m, b, n) {
  e1 <- matrix(0:m, m + 1, n + 1); e2 <- matrix(0:n, m + 1, n + 1, byrow = TRUE)
  p <- (e1 + e2) / (m + n); z <- abs(e1 / m - e2 / n) / sqrt(p * (1 - p) * (1 / m + 1 / n)); z[is.nan(z)] <- 0
  largest(z >= z[a + 1, b + 1] - 1e-9, m, n)
}
boschloo <- function(a, m, b, n) {
  e1 <- matrix(0:m, m + 1, n + 1); e2 <- matrix(0:n, m + 1, n + 1, byrow = TRUE)
  less <- phyper(e1, m, n, e1 + e2); more <- phyper(e1 - 1, m, n, e1 + e2, lower.tail = FALSE)
  side <- function(p) largest(p <= p[a + 1, b + 1] * (1 + 1e-9), m, n)
  min(1, 2 * min(side(less), side(more)))
}
twos <- list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20), c(0, 10, 0, 10),
             c(10, 10, 0, 20), c(10, 10, 0, 10), c(7, 34, 1, 34), c(7, 15, 12, 15), c(20, 26, 7, 20), c(1, 1, 0, 1),
             c(12, 12, 15, 15), c(3, 4, 1, 4), c(27, 53, 14, 30), c(2, 6, 61, 64))
for (one in twos) {
  a <- one[1]; m <- one[2]; b <- one[3]; n <- one[4]; case <- sprintf("%d of %d, %d of %d", a, m, b, n)
  for (level in c(0.9, 0.95)) {
    named <- sprintf("%s at %g", case, level)
    both(named, "newcombe", pmax(-1, pmin(1, newcombe(a, m, b, n, level))), 1e-9, "formula on stats::prop.test")
    both(named, "miettinen-nurminen", mn(a, m, b, n, level), 1e-9, "uniroot on the score")
  }
  add(case, "exact", fisher.test(matrix(c(a, m - a, b, n - b), 2))$p.value, 1e-9, "stats::fisher.test")
  add(case, "barnard", barnard(a, m, b, n), 1e-9, "all tables, optimize")
  add(case, "boschloo", boschloo(a, m, b, n), 1e-9, "all tables of stats::phyper, optimize")
}
published <- rbind(
  c(56, 70, 48, 80, 0.0528, 0.3382, 0.0524, 0.3339), c(9, 10, 3, 10, 0.1700, 0.8406, 0.1705, 0.8090),
  c(6, 7, 2, 7, 0.0342, 0.8534, 0.0582, 0.8062), c(5, 56, 0, 29, -0.0326, 0.1933, -0.0381, 0.1926))
for (i in 1:4) {
  k <- published[i, ]; case <- sprintf("%d of %d, %d of %d (published)", k[1], k[2], k[3], k[4])
  both(case, "miettinen-nurminen", k[5:6], 5.1e-5, "Newcombe (1998) Stat Med 17:873-890, Table II, method 6")
  both(case, "newcombe", k[7:8], 5.1e-5, "Newcombe (1998) Stat Med 17:873-890, Table II, method 10")
}

# Pairs: a both times, b gained, c lost, d never
paired <- function(a, b, c, d, level) {
  n <- a + b + c + d; l <- wilson(a + b, n, level); u <- wilson(a + c, n, level); p <- (a + b) / n; q <- (a + c) / n
  top <- a * d - b * c; under <- as.numeric(a + b) * (c + d) * (a + c) * (b + d)
  phi <- if (under == 0) 0 else (if (top > 0) max(top - n / 2, 0) else top) / sqrt(under)
  dl <- p - l[1]; du <- l[2] - p; ql <- q - u[1]; qu <- u[2] - q
  p - q + c(-1, 1) * sqrt(c(dl^2 - 2 * phi * dl * qu + qu^2, du^2 - 2 * phi * du * ql + ql^2))
}
tango <- function(b, c, n, level) {
  z <- qnorm((1 + level) / 2); d <- (b - c) / n
  far <- function(delta) {
    low <- max(0, -delta); high <- (1 - delta) / 2; part <- function(k, p) if (k == 0) 0 else k / p
    slope <- function(q) part(b, q + delta) + part(c, q) - 2 * part(n - b - c, 1 - 2 * q - delta)
    inner <- (high - low) * 1e-13
    q <- if (slope(low + inner) <= 0) low else if (slope(high - inner) >= 0) high else solve(slope, low + inner, high - inner)
    (b - c - n * delta) / sqrt(n * (2 * q + delta * (1 - delta)))
  }
  c(if (d == -1) -1 else solve(function(x) far(x) - z, -1 + 1e-10, d - 1e-10), if (d == 1) 1 else solve(function(x) far(x) + z, d + 1e-10, 1 - 1e-10))
}
exact <- function(b, c) if (b + c == 0) 1 else binom.test(b, b + c)$p.value
mid <- function(b, c) {
  if (b + c == 0) return(1)
  if (b == c) 1 - dbinom(b, b + c, 0.5) / 2 else exact(b, c) - dbinom(b, b + c, 0.5)
}
fours <- list(c(1, 1, 7, 12), c(59, 6, 16, 80), c(36, 12, 2, 0), c(20, 9, 3, 14), c(0, 0, 0, 10), c(10, 0, 0, 0),
              c(5, 4, 4, 5), c(0, 10, 0, 0), c(0, 3, 12, 0), c(200, 31, 24, 145), c(43, 0, 1, 0))
for (one in fours) {
  a <- one[1]; b <- one[2]; c_ <- one[3]; d <- one[4]; case <- paste("pairs", paste(one, collapse = ", "))
  for (level in c(0.9, 0.95)) {
    named <- sprintf("%s at %g", case, level)
    both(named, "newcombe paired", pmax(-1, pmin(1, paired(a, b, c_, d, level))), 1e-9, "formula on stats::prop.test")
    if (b + c_ > 0) both(named, "tango", tango(b, c_, sum(one), level), 1e-9, "uniroot on the score")
  }
  add(case, "mcnemar exact", exact(b, c_), 1e-9, "stats::binom.test")
  add(case, "mcnemar mid-p", mid(b, c_), 1e-9, "stats::binom.test less stats::dbinom")
}
fagerland <- "Fagerland, Lydersen and Laake (2014) Stat Med 33:2850-2875"
both("pairs 1, 1, 7, 12 (published)", "newcombe paired", c(-0.507, -0.026), 5.1e-4, fagerland)
both("pairs 1, 1, 7, 12 (published)", "tango", c(-0.517, -0.026), 5.1e-4, fagerland)

# Adjusted p
sets <- list(c(0.01, 0.04, 0.03, 0.005, 0.6), c(0.04, 0.04, 0.04), c(1, 1, 0.2), c(0.001), seq(0.001, 0.5, length.out = 32))
for (i in seq_along(sets)) for (method in c("holm", "BH")) {
  adjusted <- p.adjust(sets[[i]], method)
  for (k in seq_along(adjusted)) add(sprintf("p set %d", i), sprintf("%s %d", method, k), adjusted[k], 1e-12, "stats::p.adjust")
}
write.csv(do.call(rbind, rows), "proportions.csv", row.names = FALSE, quote = TRUE)
