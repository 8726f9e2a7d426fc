# Power, sizes, intraclass correlation and design effect: power.prop.test, and formulas written out.
# Run in tests/golden: Rscript r/design.R
options(digits = 17)

rows <- list()
add <- function(case, quantity, elsewhere, source, tolerance = 1e-9) {
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = format(as.numeric(elsewhere), digits = 17),
                                          tolerance, source)
}

# ---- two independent waves ------------------------------------------------------------------------------------
tight <- .Machine$double.eps^0.75
for (p in c(0, 0.05, 0.31, 0.45, 0.5, 0.8)) for (d in c(0.05, 0.1, 0.2)) {
  for (level in c(0.95, 0.9, 0.99)) for (power in c(0.8, 0.9)) {
    case <- sprintf("independent-%g-%g-%g-%g", p, d, level, power)
    n <- power.prop.test(p1 = p, p2 = p + d, sig.level = 1 - level, power = power, tol = tight)$n
    add(case, "needed", n, "stats::power.prop.test", 1e-6) # found there by a search
  }
  case <- sprintf("independent-%g-%g", p, d)
  for (n in c(20, 76.7, 300)) {
    add(case, paste("power", n), power.prop.test(n = n, p1 = p, p2 = p + d)$power, "stats::power.prop.test")
  }
}
for (p in c(0.05, 0.5, 0.7)) for (n in c(60, 300)) {
  found <- power.prop.test(n = n, p1 = p, power = 0.8, tol = tight)$p2 - p
  add(sprintf("independent-%g", p), paste("detectable", n), found, "stats::power.prop.test", 1e-6)
}

# ---- linked waves: Connor (1987), and simple checks of it -----------------------------------------------------
for (psi in c(0.12, 0.3, 0.5)) for (d in c(0.05, 0.1)) for (power in c(0.8, 0.9)) {
  case <- sprintf("linked-%g-%g-%g", psi, d, power)
  n <- (qnorm(0.975) * sqrt(psi) + qnorm(power) * sqrt(psi - d^2))^2 / d^2
  add(case, "needed", n, "Connor (1987), written out")
  for (m in c(50, 400)) {
    add(case, paste("power", m), pnorm((d * sqrt(m) - qnorm(0.975) * sqrt(psi)) / sqrt(psi - d^2)),
        "Connor (1987), written out")
  }
}

# ---- exact tests ----------------------------------------------------------------------------------------------
for (p in c(0.05, 0.31, 0.5)) for (d in c(0.1, 0.2)) {
  m <- (p + p + d) / 2
  a <- (qnorm(0.975) * sqrt(2 * m * (1 - m)) + qnorm(0.8) * sqrt(p * (1 - p) + (p + d) * (1 - p - d)))^2
  add(sprintf("independent-%g-%g", p, d), "needed exactly", a * (1 + sqrt(1 + 4 * d / a))^2 / (4 * d^2),
      "Casagrande, Pike and Smith (1978), written out")
}
# Every table of n pairs: its chance, and whether binom.test rejects it in the direction of the difference.
exact <- function(d, psi, n) {
  sum(sapply(1:n, function(m) {
    up <- (m %/% 2 + 1):m
    rejected <- sapply(up, function(g) binom.test(g, m)$p.value <= 0.05)
    dbinom(m, n, psi) * sum(dbinom(up[rejected], m, (psi + d) / (2 * psi)))
  }))
}
for (case in list(c(0.1, 0.3, 60), c(0.2, 0.5, 40), c(0.3, 0.3, 25), c(0.05, 0.12, 80), c(0.1, 0.2, 8))) {
  add(sprintf("linked-exact-%g-%g", case[2], case[1]), paste("power", case[3]), exact(case[1], case[2], case[3]),
      "stats::binom.test, every table")
}

# ---- half width: Newcombe (1998), at the counts expected without a difference ---------------------------------
wilson <- function(x, n) {
  z <- qnorm(0.975)
  middle <- (x + z^2 / 2) / (n + z^2)
  half <- z * sqrt(x * (n - x) / n + z^2 / 4) / (n + z^2)
  c(middle - half, middle + half)
}
apart <- function(p, n1, n2) {
  a <- wilson(n2 * p, n2)
  b <- wilson(n1 * p, n1)
  (sqrt((p - a[1])^2 + (b[2] - p)^2) + sqrt((a[2] - p)^2 + (p - b[1])^2)) / 2
}
pairs <- function(p, psi, n) {
  e <- n * (p - psi / 2); f <- n * psi / 2; h <- n - e - 2 * f
  w <- wilson(e + f, n)
  top <- e * h - f * f
  top <- if (top > n / 2) top - n / 2 else if (top >= 0) 0 else top
  phi <- top / ((e + f) * (f + h))
  dl <- p - w[1]; du <- w[2] - p
  sqrt(dl^2 - 2 * phi * dl * du + du^2)
}
# In pairs() both waves have one share, so both arms of the interval are as long.
for (p in c(0.1, 0.5, 0.83)) for (n in c(15, 96, 400)) {
  add(sprintf("independent-%g", p), paste("half width", n), apart(p, n, n), "Newcombe (1998), written out")
  add(sprintf("independent-%g", p), paste("half width 40 and", n), apart(p, 40, n), "Newcombe (1998), written out")
}
for (psi in c(0.08, 0.2, 0.5)) for (n in c(15, 96, 400)) {
  add(sprintf("linked-%g", psi), paste("half width", n), pairs(0.5, psi, n), "Newcombe (1998), written out")
}
first <- function(f, wanted) { n <- 1; while (f(n) > wanted) n <- n + 1; n }
for (h in c(0.05, 0.1, 0.2)) {
  add("answers", paste("independent", h), first(function(n) apart(0.5, n, n), h), "one by one")
  add("answers", paste("linked", h), first(function(n) pairs(0.5, 0.5, n), h), "one by one")
}

# ---- intraclass correlation: mean squares of stats::aov on single answers -------------------------------------
one_way <- function(case, y, service, level = 0.95) {
  table <- summary(aov(y ~ factor(service)))[[1]]
  between <- table[1, "Mean Sq"]; within <- table[2, "Mean Sq"]
  m <- as.numeric(table(service)); k <- length(m); n <- sum(m)
  m0 <- (n - sum(m^2) / n) / (k - 1)
  add(case, "correlation", max(0, (between - within) / (between + (m0 - 1) * within)), "stats::aov")
  f <- between / within
  ends <- f / qf(c((1 + level) / 2, (1 - level) / 2), k - 1, n - k)
  ends <- pmax(0, (ends - 1) / (ends + m0 - 1))
  add(case, "low", ends[1], "stats::aov, stats::qf")
  add(case, "high", ends[2], "stats::aov, stats::qf")
  rho <- max(0, (between - within) / (between + (m0 - 1) * within))
  cv <- sqrt(mean((m - mean(m))^2)) / mean(m)
  add(case, "design effect", 1 + ((cv^2 + 1) * mean(m) - 1) * rho, "Eldridge, Ashby and Kerry (2006), written out")
}
sized <- function(sizes, yes) {
  data.frame(service = rep(seq_along(sizes), sizes), y = unlist(Map(function(n, x) rep(1:0, c(x, n - x)), sizes, yes)))
}
cases <- list(
  equal = sized(rep(20, 6), c(3, 8, 12, 9, 17, 6)), unequal = sized(c(4, 35, 12, 60, 21), c(4, 9, 6, 20, 15)),
  alike = sized(c(10, 20, 30), c(4, 8, 12)), two = sized(c(10, 12), c(1, 10)), ones = sized(c(1, 1, 5, 9), c(1, 0, 2, 8))
)
changes <- data.frame(service = rep(1:4, c(10, 14, 8, 20)),
                      y = c(rep(c(1, 0, -1), c(5, 4, 1)), rep(c(1, 0, -1), c(2, 8, 4)), rep(c(1, 0, -1), c(4, 4, 0)),
                            rep(c(1, 0, -1), c(3, 11, 6))))
cases$changes <- changes
out <- NULL
for (name in names(cases)) {
  one_way(name, cases[[name]]$y, cases[[name]]$service)
  sums <- aggregate(y ~ service, cases[[name]], function(y) c(length(y), sum(y), sum(y^2)))
  out <- rbind(out, data.frame(data = name, n = sums$y[, 1], sum = sums$y[, 2], squares = sums$y[, 3]))
}
# ---- services as clusters: sizes with t, found by a search ----------------------------------------------------
# Answers in each wave without clusters, z replaced by t.
apart_needed <- function(p, d, power, df, level = 0.95) {
  m <- p + d / 2
  (qt((1 + level) / 2, df) * sqrt(2 * m * (1 - m)) + qt(power, df) * sqrt(p * (1 - p) + (p + d) * (1 - p - d)))^2 / d^2
}
pairs_needed <- function(psi, d, power, df, level = 0.95) {
  (qt((1 + level) / 2, df) * sqrt(psi) + qt(power, df) * sqrt(psi - d^2))^2 / d^2
}
effect_of <- function(m, rho) 1 + ((mean((m - mean(m))^2) / mean(m)^2 + 1) * mean(m) - 1) * rho
for (sizes in list(rep(20, 6), c(4, 35, 12, 60, 21), c(8, 9, 12), rep(900, 4))) for (rho in c(0, 0.004, 0.03, 0.2)) {
  for (kind in c("independent", "linked")) for (d in c(0.1, 0.2)) for (power in c(0.8, 0.9)) {
    asked <- function(df) if (kind == "linked") pairs_needed(0.4, d, power, df) else apart_needed(0.45, d, power, df)
    case <- sprintf("clustered-%s-%s-%g-%g-%g", kind, paste(sizes, collapse = "+"), rho, d, power)
    # More services of the mean size: one after the other, then the exact place between two.
    short <- function(k) k * mean(sizes) - asked(k - 1) * effect_of(sizes, rho)
    k <- 2
    while (short(k) < 0) k <- k + 1
    answers <- if (k == 2) asked(1) * effect_of(sizes, rho) else
      mean(sizes) * uniroot(short, c(k - 1, k), tol = 1e-13)$root
    add(case, "services", k, "written out, one after the other")
    add(case, "answers", answers, "written out, stats::uniroot")
    # As many services, all growing alike: the answers at which the design effect asks for just as many.
    grown <- function(log_n) {
      m <- sizes * exp(log_n) / sum(sizes)
      log_n - log(asked(length(sizes) - 1) * effect_of(m, rho))
    }
    ends <- c(0, log(1e12))
    possible <- grown(ends[2]) > 0
    add(case, "possible", as.numeric(possible), "written out, stats::uniroot")
    if (possible && rho < 1) {
      n <- asked(length(sizes) - 1)
      add(case, "present services", max(n, exp(uniroot(grown, ends, tol = 1e-13)$root)), "written out, stats::uniroot")
    }
  }
}
for (df in c(2, 5, 19)) for (n in c(40, 300)) {
  for (d in c(0.1, 0.25)) {
    m <- (0.45 + 0.45 + d) / 2
    se <- sqrt((0.45 * 0.55 + (0.45 + d) * (0.55 - d)) / n)
    add(sprintf("t-independent-%g", d), paste("power", n, df),
        pt((d - qt(0.975, df) * sqrt(2 * m * (1 - m) / n)) / se, df), "written out, stats::pt")
    add(sprintf("t-linked-%g", d), paste("power", n, df),
        pt((d * sqrt(n) - qt(0.975, df) * sqrt(0.4)) / sqrt(0.4 - d^2), df), "written out, stats::pt")
  }
}
write.csv(out, "data/design_services.csv", row.names = FALSE, quote = FALSE)
# Equal sizes, any numbers: psych has the same correlation and interval (its ICC1).
set.seed(3)
ratings <- round(matrix(rnorm(7 * 5, rep(rnorm(7), 5)), 7), 2)
found <- suppressMessages(psych::ICC(ratings, lmer = FALSE))$results[1, ]
for (what in c("ICC", "lower bound", "upper bound")) {
  add("ratings", c(ICC = "correlation", "lower bound" = "low", "upper bound" = "high")[[what]], found[[what]],
      "psych::ICC, ICC1")
}
write.csv(data.frame(sum = rowSums(ratings), squares = rowSums(ratings^2)), "data/design_ratings.csv",
          row.names = FALSE, quote = FALSE)

write.csv(do.call(rbind, rows), "design.csv", row.names = FALSE)
