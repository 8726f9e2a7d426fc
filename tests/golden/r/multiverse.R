# One comparison under every combination of choices: metafor (Mantel-Haenszel), clubSandwich (CR2, Satterthwaite).
suppressMessages({library(metafor); library(clubSandwich)})
set.seed(1122)
sizes <- list(east = c(14, 22), west = c(9, 7), north = c(25, 18), south = c(4, 6), hill = c(12, 3), lake = c(0, 5))
out <- list(); id <- 0
for (service in names(sizes)) {
  shift <- rnorm(1, 0, 0.6)
  for (w in 1:2) for (k in seq_len(sizes[[service]][w])) {
    id <- id + 1
    for (item in c("hope", "choice")) {
      answer <- findInterval(rnorm(1) + shift + 0.35 * (w == 2) * (item == "hope"), c(-1, 0.1, 1)) + 1
      out[[length(out) + 1]] <- data.frame(subject = sprintf("p%03d", id), wave = paste0("w", w), service, item,
                                           response = if (runif(1) < 0.12) NA else answer)
    }
  }
}
different <- do.call(rbind, out)
out <- list()
for (i in 1:70) {
  service <- names(sizes)[1 + (i %% 4)]; level <- rnorm(1)
  for (wave in c("w1", "w2")) for (item in c("hope", "choice")) {
    answer <- findInterval(level + rnorm(1) + 0.4 * (wave == "w2"), c(-1, 0.1, 1)) + 1
    out[[length(out) + 1]] <- data.frame(subject = sprintf("q%02d", i), wave, service, item,
                                         response = if (runif(1) < 0.12) NA else answer)
  }
}
same <- do.call(rbind, out)
write.csv(different, "data/multiverse_different.csv", row.names = FALSE, na = "")
write.csv(same, "data/multiverse_same.csv", row.names = FALSE, na = "")

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
specify <- function(data, linked, item, category, denominator, model, fewest) {
  d <- data[data$item == item, ]
  if (linked) {
    counted <- if (denominator == "asked") d else d[!is.na(d$response), ]
    twice <- names(which(table(counted$subject) == 2)); d <- d[d$subject %in% twice, ]
    answered <- d[d$subject %in% names(which(table(d$subject[!is.na(d$response)]) == 2)), ]
  } else answered <- d[!is.na(d$response), ]
  if (denominator == "answered") d <- d[!is.na(d$response), ]
  d$y <- as.integer(!is.na(d$response) & d$response >= c(high = 3, some = 2)[[category]])
  size <- table(factor(answered$service, names(sizes)), factor(answered$wave, c("w1", "w2")))
  kept <- names(sizes)[fewest == 1 | pmin(size[, 1], size[, 2]) >= fewest]
  d <- d[d$service %in% kept, ]; d$later <- as.integer(d$wave == "w2")
  x1 <- sum(d$y[d$later == 1]); n1 <- sum(d$later); x2 <- sum(d$y[d$later == 0]); n2 <- sum(1 - d$later)
  if (model == "pooled") {
    r <- 0
    if (linked) {
      w <- merge(d[d$later == 1, ], d[d$later == 0, ], by = "subject")
      t <- table(factor(w$y.x, 0:1), factor(w$y.y, 0:1)); top <- t[2, 2] * t[1, 1] - t[2, 1] * t[1, 2]
      r <- cor(w$y.x, w$y.y); if (r > 0) r <- r * max(top - nrow(w) / 2, 0) / top
    }
    return(list(value = x1 / n1 - x2 / n2, n = nrow(d), se = NA, ends = hybrid(x1, n1, x2, n2, r)))
  }
  if (model == "clustered") {
    # Ours gives none with fewer than three services at both waves.
    if (sum(colSums(table(d$wave, d$service) > 0) == 2) < 3) return(NULL)
    fit <- lm(y ~ later, d); found <- coef_test(fit, vcov = "CR2", cluster = d$service, test = "Satterthwaite")[2, ]
    df <- if ("df_Satt" %in% names(found)) found$df_Satt else found$df
    return(list(value = found$beta, n = nrow(d), se = found$SE, ends = pmax(-1, pmin(1, found$beta + c(-1, 1) * qt(0.975, df) * found$SE))))
  }
  if (linked) {
    w <- merge(d[d$later == 1, ], d[d$later == 0, ], by = "subject"); w$d <- w$y.x - w$y.y
    n <- tapply(w$d, w$service.x, length); v <- tapply(w$d, w$service.x, function(z) mean((z - mean(z))^2) / length(z))
    se <- sqrt(sum(n^2 * v)) / sum(n)
    return(list(value = mean(w$d), n = nrow(d), se = se, ends = mean(w$d) + c(-1, 1) * qnorm(0.975) * se))
  }
  count <- function(of, wave) tapply(of[d$later == wave], factor(d$service[d$later == wave], kept), sum, default = 0)
  fit <- suppressWarnings(rma.mh(ai = count(d$y, 1), n1i = count(rep(1, nrow(d)), 1), ci = count(d$y, 0), n2i = count(rep(1, nrow(d)), 0),
                measure = "RD", subset = count(rep(1, nrow(d)), 0) > 0, drop00 = FALSE, add = 0))
  list(value = as.numeric(fit$beta), n = nrow(d), se = fit$se, ends = c(fit$ci.lb, fit$ci.ub))
}
for (linked in c(FALSE, TRUE)) for (item in c("hope", "choice")) {
  data <- if (linked) same else different; found <- list()
  for (category in c("high", "some")) for (denominator in c("answered", "asked")) for (model in c("pooled", "within-services", "clustered")) for (fewest in c(1, 5, 8)) {
    one <- specify(data, linked, item, category, denominator, model, fewest)
    if (is.null(one)) next
    # What differs by construction: clusters change the interval only, strata too where everybody is in both waves;
    # the services left out by one number are among those left out by a larger one.
    estimator <- if (model == "within-services" && !linked) "within" else "pooled"
    one$key <- paste(category, denominator, estimator, one$n)
    found[[length(found) + 1]] <- one
    case <- paste(if (linked) "same" else "different", item, category, denominator, model, fewest)
    source <- c(pooled = "stats::prop.test", `within-services` = if (linked) "stats::tapply" else "metafor::rma.mh",
                clustered = "clubSandwich::coef_test")[[model]]
    add(case, "difference", one$value, 1e-9, source)
    if (model != "pooled") add(case, "se", one$se, 1e-9, source)
    add(case, "low", one$ends[1], 1e-9, source); add(case, "high", one$ends[2], 1e-9, source)
  }
  distinct <- found[!duplicated(sapply(found, function(one) one$key))]
  values <- sapply(distinct, function(one) one$value); case <- paste(if (linked) "same" else "different", item)
  declared <- specify(data, linked, item, "high", "answered", "pooled", 1)$value
  add(case, "specifications", length(found), 0, "R")
  add(case, "specifications_distinct", length(values), 0, "R")
  add(case, "specifications_same_sign", sum(sign(values) == sign(declared)), 0, "R")
  add(case, "specifications_clear", sum(sapply(found, function(one) one$ends[1] > 0 || one$ends[2] < 0)), 0, "R")
  add(case, "specification_median", median(values), 1e-9, "stats::median")
  add(case, "least", min(values), 1e-9, "R"); add(case, "largest", max(values), 1e-9, "R")
}
write.csv(do.call(rbind, rows), "multiverse.csv", row.names = FALSE, quote = TRUE)
