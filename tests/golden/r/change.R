# Two waves of different, the same and partly the same persons: differences, intervals, p, adjusted over families.
set.seed(20261122)
people <- 60
services <- c("east", "west", "north")
make <- function(items, both) {
  out <- list()
  for (i in seq_len(people)) {
    service <- services[1 + (i %% 7 > 2) + (i %% 7 > 5)]
    waves <- if (runif(1) < both) c("w1", "w2") else sample(c("w1", "w2"), 1)
    level <- rnorm(1)
    for (wave in waves) {
      # Some move to another service between the waves.
      at <- if (wave == "w2" && runif(1) < 0.08) sample(services, 1) else service
      for (item in items) {
        answer <- findInterval(level + rnorm(1) + 0.3 * (wave == "w2"), c(-1, 0.1, 1)) + 1
        out[[length(out) + 1]] <- data.frame(subject = sprintf("p%02d", i), wave, service = at, item,
                                             response = if (runif(1) < 0.1) NA else answer)
      }
    }
  }
  do.call(rbind, out)
}
survey <- make(c("hope", "choice", "friends"), 0.55)
other <- make(c("skills", "home"), 0.8)
write.csv(survey, "data/change_survey.csv", row.names = FALSE, na = "")
write.csv(other, "data/change_other.csv", row.names = FALSE, na = "")

rows <- list()
add <- function(case, quantity, elsewhere, tolerance, source) {
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = sprintf("%.17g", elsewhere), tolerance, source)
}
wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int[1:2])
hybrid <- function(x1, n1, x2, n2, r) {
  l <- wilson(x1, n1); u <- wilson(x2, n2); p <- x1 / n1; q <- x2 / n2
  d <- c(p - l[1], u[2] - q); e <- c(l[2] - p, q - u[1])
  p - q + c(-1, 1) * sqrt(c(sum(d^2) - 2 * r * prod(d), sum(e^2) - 2 * r * prod(e)))
}
mid <- function(b, c) if (b + c == 0) 1 else if (b == c) 1 - dbinom(b, b + c, 0.5) / 2 else binom.test(b, b + c)$p.value - dbinom(b, b + c, 0.5)
# Numbers of one item: events and sizes of both waves, and the pairs as vectors of 0 and 1.
numbers <- function(data, item, service) {
  d <- data[data$item == item & !is.na(data$response), ]
  d$y <- as.integer(d$response >= 3)
  now <- d[d$wave == "w2", ]; then <- d[d$wave == "w1", ]
  pairs <- merge(now, then, by = "subject", suffixes = c("", ".before"))
  if (service != "all") {
    now <- now[now$service == service, ]; then <- then[then$service == service, ]
    pairs <- pairs[pairs$service == service & pairs$service.before == service, ]
  }
  list(now = now$y, then = then$y, after = pairs$y, before = pairs$y.before)
}
results <- function(data, kind, service) {
  lapply(unique(data$item), function(item) {
    k <- numbers(data, item, service)
    x1 <- sum(k$now); n1 <- length(k$now); x2 <- sum(k$then); n2 <- length(k$then); m <- length(k$after)
    phi <- if (m > 1) suppressWarnings(cor(k$after, k$before)) else NA; if (is.na(phi)) phi <- 0
    if (kind == "independent") {
      return(list(item = item, value = x1 / n1 - x2 / n2, ends = hybrid(x1, n1, x2, n2, 0),
                  p = fisher.test(matrix(c(x1, n1 - x1, x2, n2 - x2), 2))$p.value))
    }
    t <- table(factor(k$after, 0:1), factor(k$before, 0:1)); a <- t[2, 2]; b <- t[2, 1]; c <- t[1, 2]; d <- t[1, 1]
    top <- a * d - b * c
    corrected <- if (phi > 0) phi * max(top - m / 2, 0) / top else phi
    if (kind == "linked") {
      return(list(item = item, value = mean(k$after) - mean(k$before),
                  ends = hybrid(sum(k$after), m, sum(k$before), m, corrected), p = mid(b, c)))
    }
    pool <- (x1 + x2) / (n1 + n2)
    z <- (x1 / n1 - x2 / n2) / sqrt(pool * (1 - pool) * (1 / n1 + 1 / n2 - 2 * phi * m / (n1 * n2)))
    list(item = item, value = x1 / n1 - x2 / n2, ends = hybrid(x1, n1, x2, n2, corrected * m / sqrt(n1 * n2)), p = 2 * pnorm(-abs(z)))
  })
}
sources <- c(independent = "stats::fisher.test, stats::prop.test, stats::p.adjust",
             linked = "stats::binom.test, stats::cor, stats::p.adjust",
             partly = "stats::cor, stats::pnorm, stats::p.adjust")
for (kind in names(sources)) for (method in c("holm", "BH")) for (service in c("all", "east", "west")) {
  # Two comparisons are one family of tests.
  found <- if (service == "all" || kind != "linked") c(results(survey, kind, service), results(other, kind, service)) else list()
  p <- p.adjust(sapply(found, function(one) one$p), method)
  for (i in seq_along(found)) {
    one <- found[[i]]; case <- paste(kind, method, service, one$item)
    for (name in c("difference", "low", "high", "p", "p_adjusted")) {
      value <- switch(name, difference = one$value, low = one$ends[1], high = one$ends[2], p = one$p, p_adjusted = p[i])
      add(case, name, value, 1e-9, sources[[kind]])
    }
  }
}
write.csv(do.call(rbind, rows), "change.csv", row.names = FALSE, quote = TRUE)
