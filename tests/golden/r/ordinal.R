# Answers for tests/golden/ordinal.csv: ordered answers compared as ordered. Run from tests/golden.
suppressMessages({
  library(ordinal)
  library(MASS)
  library(sandwich)
  library(geepack)
})

rows <- list()
add <- function(case, quantity, value, source, tolerance = 1e-6) {
  rows[[length(rows) + 1]] <<- data.frame(
    case = case, quantity = quantity, elsewhere = sprintf("%.17g", as.numeric(value)),
    tolerance = format(tolerance), source = source
  )
}
tight <- clm.control(gradTol = 1e-10, maxIter = 200)

# The cumulative logit model, by ordinal::clm and MASS::polr ---------------------------------------------------------

put_fit <- function(case, model, effects = character()) {
  source <- "ordinal::clm"
  se <- sqrt(diag(vcov(model)))
  theta <- names(model$alpha)
  for (i in seq_along(theta)) {
    add(case, paste0("threshold", i), coef(model)[theta[i]], source)
    if (!length(effects)) add(case, paste0("threshold", i, "_se"), se[theta[i]], source)
  }
  terms <- setdiff(names(model$beta), effects)
  for (i in seq_along(terms)) {
    add(case, paste0("beta", i), coef(model)[terms[i]], source)
    add(case, paste0("beta", i, "_se"), se[terms[i]], source)
  }
  for (i in seq_along(effects)) {
    add(case, paste0("effect", i), coef(model)[effects[i]], source)
    add(case, paste0("effect", i, "_se"), se[effects[i]], source)
  }
  add(case, "log_likelihood", as.numeric(logLik(model)), source)
}

data(wine, package = "ordinal")
wine_rows <- data.frame(
  code = as.integer(wine$rating), warm = as.integer(wine$temp == "warm"),
  contact = as.integer(wine$contact == "yes"), judge = as.integer(wine$judge)
)
write.csv(wine_rows, "data/ordinal_wine.csv", row.names = FALSE, quote = FALSE)
wine_fit <- clm(ordered(code) ~ warm + contact, data = wine_rows, control = tight)
put_fit("wine", wine_fit)
# Christensen, "Cumulative Link Models for Ordinal Regression with the R Package ordinal" prints this fit.
published <- "Christensen (ordinal, vignette), wine data"
add("wine", "beta1", 2.503, published, 5e-4)
add("wine", "beta2", 1.528, published, 5e-4)

wine_judges <- clm(ordered(code) ~ warm + contact + factor(judge), data = wine_rows, control = tight)
put_fit("wine_judges", wine_judges, grep("judge", names(wine_judges$beta), value = TRUE))

housing_rows <- data.frame(
  code = as.integer(housing$Sat), medium = as.integer(housing$Infl == "Medium"),
  high = as.integer(housing$Infl == "High"), type = as.integer(housing$Type),
  contact = as.integer(housing$Cont == "High"), weight = housing$Freq
)
write.csv(housing_rows, "data/ordinal_housing.csv", row.names = FALSE, quote = FALSE)
housing_fit <- clm(ordered(code) ~ medium + high + contact + factor(type),
  data = housing_rows, weights = weight, control = tight
)
put_fit("housing", housing_fit, grep("type", names(housing_fit$beta), value = TRUE))
# Venables and Ripley (2002, section 7.3) print this fit to these digits.
venables <- "Venables and Ripley (2002), housing data"
add("housing", "beta1", 0.5663922, venables, 1e-5)
add("housing", "beta2", 1.2888218, venables, 1e-5)
add("housing", "beta3", 0.3602834, venables, 1e-5)

set.seed(20240901)
draw <- function(n, services, cuts, effect, spread) {
  service <- sample(seq_len(services), n, TRUE, prob = seq_len(services))
  wave <- rbinom(n, 1, 0.5)
  eta <- effect * wave + rnorm(services, 0, spread)[service] + rlogis(n)
  data.frame(code = findInterval(eta, cuts) + 1, wave = wave, service = service, hours = round(rnorm(n, 6, 2), 1))
}
# Rare answers, a middle answer that nobody gave, services of unequal size.
sparse <- draw(48, 4, c(-2.5, -0.5, 0.8, 2.4), 0.6, 0.4)
sparse <- sparse[sparse$code != 3, ]
write.csv(sparse, "data/ordinal_sparse.csv", row.names = FALSE, quote = FALSE)
put_fit("sparse", clm(ordered(code) ~ wave + hours, data = sparse, control = tight))
binary <- glm(I(code >= 4) ~ wave + hours, data = sparse, family = binomial, control = list(epsilon = 1e-14))
for (i in 2:3) {
  add("binary", paste0("beta", i - 1), coef(binary)[i], "stats::glm")
  add("binary", paste0("beta", i - 1, "_se"), sqrt(diag(vcov(binary)))[i], "stats::glm")
}

services <- draw(260, 7, c(-1.5, -0.5, 0.6, 1.8), 0.5, 0.7)
write.csv(services, "data/ordinal_services.csv", row.names = FALSE, quote = FALSE)
services_fit <- clm(ordered(code) ~ wave + hours + factor(service), data = services, control = tight)
put_fit("services", services_fit, grep("service", names(services_fit$beta), value = TRUE))
alone <- clm(ordered(code) ~ factor(service), data = services, control = tight)
put_fit("services_only", alone, names(alone$beta))

# Cluster-robust errors ----------------------------------------------------------------------------------------------

put_robust <- function(case, covariance, names, source, tolerance = 1e-6) {
  for (i in seq_along(names)) {
    add(case, paste0("beta", i, "_robust"), sqrt(covariance[names[i], names[i]]), source, tolerance)
  }
}
put_robust("wine_factor", vcovCL(wine_fit, cluster = wine_rows$judge), c("warm", "contact"), "sandwich::vcovCL of clm")
put_robust("wine_none", vcovCL(wine_fit, cluster = wine_rows$judge, cadjust = FALSE), c("warm", "contact"),
  "sandwich::vcovCL of clm")
put_robust("services_factor", vcovCL(services_fit, cluster = services$service), c("wave", "hours"),
  "sandwich::vcovCL of clm")
wine_polr <- polr(ordered(code) ~ warm + contact, data = wine_rows, Hess = TRUE, control = list(reltol = 1e-14))
put_robust("wine_polr", vcovCL(wine_polr, cluster = wine_rows$judge), c("warm", "contact"),
  "sandwich::vcovCL of MASS::polr")

# Mancl and DeRouen (2001) for a cumulative logit: scores and information by cluster, from symbolic derivatives of the
# probability of each answer; no code of a package.
cell <- deriv3(~ log(1 / (1 + exp(-a)) - 1 / (1 + exp(-b))), c("a", "b"), function(a, b) NULL)
by_row <- function(code, design, theta, beta) {
  cuts <- length(theta)
  limits <- c(-40, theta, 40) # far enough to stand for no limit
  eta <- drop(design %*% beta)
  value <- cell(limits[code + 1] - eta, limits[code] - eta)
  mark <- rbind(0, diag(cuts), 0)
  upper <- cbind(mark[code + 1, , drop = FALSE], -design)
  lower <- cbind(mark[code, , drop = FALSE], -design)
  upper[code == cuts + 1, ] <- 0
  lower[code == 1, ] <- 0
  gradient <- attr(value, "gradient")
  hessian <- attr(value, "hessian")
  lapply(seq_along(code), function(i) {
    both <- rbind(upper[i, ], lower[i, ])
    list(score = drop(gradient[i, ] %*% both), information = -t(both) %*% hessian[i, , ] %*% both)
  })
}
left_out <- function(code, design, theta, beta, cluster) {
  parts <- by_row(code, design, theta, beta)
  whole <- Reduce(`+`, lapply(parts, `[[`, "information"))
  moved <- sapply(split(seq_along(code), cluster), function(own) {
    score <- Reduce(`+`, lapply(parts[own], `[[`, "score"))
    information <- Reduce(`+`, lapply(parts[own], `[[`, "information"))
    drop(ginv(whole - information, tol = 1e-9) %*% score)
  })
  moved %*% t(moved)
}
put_left_out <- function(case, model, code, design, cluster, terms) {
  cuts <- length(model$alpha)
  covariance <- left_out(code, design, model$alpha, model$beta, cluster)
  for (i in seq_along(terms)) {
    place <- cuts + terms[i]
    add(case, paste0("beta", i, "_robust"), sqrt(covariance[place, place]),
      "Mancl and DeRouen (2001), by symbolic derivatives")
  }
}
put_left_out("wine_jackknife", wine_fit, wine_rows$code, as.matrix(wine_rows[c("warm", "contact")]),
  wine_rows$judge, 1:2)
dummies <- model.matrix(~ wave + hours + factor(service), services)[, -1]
put_left_out("services_jackknife", services_fit, services$code, dummies, services$service, 1:2)
services$person <- rep(1:130, 2)[order(order(services$wave, services$service))]
write.csv(services, "data/ordinal_services.csv", row.names = FALSE, quote = FALSE)
put_left_out("persons_jackknife", services_fit, services$code, dummies, services$person, 1:2)

# Repeated answers: GEE with independence as the working model -------------------------------------------------------

persons <- 45
lasting <- rep(rnorm(persons), each = 2)
repeated <- data.frame(id = rep(seq_len(persons), each = 2), wave = rep(0:1, persons))
repeated$code <- findInterval(lasting + 0.7 * repeated$wave + rlogis(2 * persons), c(-1, 0, 1)) + 1
repeated <- repeated[-c(4, 19, 20, 33, 71), ] # some answered only once
write.csv(repeated, "data/ordinal_repeated.csv", row.names = FALSE, quote = FALSE)
gee <- clm(ordered(code) ~ wave, data = repeated, control = tight)
add("repeated", "beta1", coef(gee)["wave"], "ordinal::clm")
put_robust("repeated", vcovCL(gee, cluster = repeated$id, cadjust = FALSE), "wave", "sandwich::vcovCL of clm")
# geepack 1.3.9: with three or more answers ordgee does not give the maximum likelihood estimate even where each row is
# a person of its own, where independence must. With two answers it does; so it is compared there.
repeated$high <- repeated$code >= 3
two <- ordgee(ordered(high) ~ wave, id = id, data = repeated, corstr = "independence",
  control = geese.control(epsilon = 1e-12, maxit = 100)
)
add("repeated_two", "beta1", two$beta[2], "geepack::ordgee")
add("repeated_two", "beta1_robust", sqrt(two$vbeta[2, 2]), "geepack::ordgee")

# Are the odds proportional? -----------------------------------------------------------------------------------------

put_nominal <- function(case, model, term) {
  found <- suppressWarnings(nominal_test(model))[term, ]
  add(case, "statistic", found$LRT, "ordinal::nominal_test")
  add(case, "degrees", found$Df, "ordinal::nominal_test")
  add(case, "p", found[["Pr(>Chi)"]], "ordinal::nominal_test")
}
# nominal_test gives NA where its fits can't meet the tight bound on the gradient, and for terms written factor().
services$place <- factor(services$service)
housing_rows$place <- factor(housing_rows$type)
put_nominal("nominal_wave", clm(ordered(code) ~ wave, data = services), "wave")
put_nominal("nominal_wave_service", clm(ordered(code) ~ wave + place, data = services), "wave")
put_nominal("nominal_hours_service", clm(ordered(code) ~ hours + place, data = services), "hours")
pair <- services[services$service %in% c(2, 7), ]
put_nominal("nominal_pair", clm(ordered(code) ~ place, data = droplevels(pair)), "place")
put_fit("pair", clm(ordered(code) ~ I(service == 7), data = pair, control = tight))
put_nominal("nominal_service", clm(ordered(code) ~ place, data = services), "place")
put_nominal("nominal_housing", clm(ordered(code) ~ contact + place, data = housing_rows, weights = weight), "contact")

# Brant's (1990) test with a joint sandwich of the binary fits, clusters allowed for.
put_brant <- function(case, data, formula, cluster) {
  cuts <- sort(unique(data$code))[-1]
  fits <- lapply(cuts, function(cut) {
    data$reached <- data$code >= cut
    glm(update(formula, reached ~ .), data = data, family = binomial, control = list(epsilon = 1e-14))
  })
  # What each cluster moves, judged by the information of the others (Mancl and DeRouen 2001).
  jack <- sapply(fits, function(one) {
    x <- model.matrix(one)
    w <- fitted(one) * (1 - fitted(one))
    whole <- crossprod(x * sqrt(w))
    sapply(split(seq_along(w), cluster), function(own) {
      inside <- crossprod(x[own, , drop = FALSE] * sqrt(w[own]))
      drop(ginv(whole - inside) %*% colSums(estfun(one)[own, , drop = FALSE]))[2]
    })
  })
  apart <- cbind(-1, diag(length(cuts) - 1))
  b <- drop(apart %*% sapply(fits, function(one) coef(one)[2]))
  statistic <- drop(b %*% solve(apart %*% crossprod(jack) %*% t(apart), b))
  source <- "Brant (1990) from stats::glm and sandwich::estfun"
  add(case, "statistic", statistic, source)
  add(case, "p", pchisq(statistic, length(b), lower.tail = FALSE), source)
  for (i in seq_along(cuts)) add(case, paste0("cut", i), coef(fits[[i]])[2], "stats::glm")
}
put_brant("brant_persons", services, ~ wave + factor(service), services$person)
put_brant("brant_repeated", repeated, ~wave, repeated$id)

# Probability of superiority -----------------------------------------------------------------------------------------

expand <- function(counts) rep(seq_along(counts), counts)
# Brunner and Munzel (2000) from overall and within-group ranks, t on the logit scale.
brunner_munzel <- function(x, y) {
  m <- length(x)
  n <- length(y)
  all <- rank(c(x, y))
  first <- all[1:m] - rank(x)
  second <- all[m + 1:n] - rank(y)
  value <- (mean(all[1:m]) - (m + 1) / 2) / n
  parts <- c(var(first) / (m * n^2), var(second) / (n * m^2))
  df <- sum(parts)^2 / (parts[1]^2 / (m - 1) + parts[2]^2 / (n - 1))
  list(value = value, se = sqrt(sum(parts)), df = df)
}
put_superiority <- function(case, first, reference, level = 0.95) {
  x <- expand(first)
  y <- expand(reference)
  u <- suppressWarnings(wilcox.test(x, y, exact = FALSE))$statistic
  add(case, "value", u / (length(x) * length(y)), "stats::wilcox.test", 1e-9)
  found <- brunner_munzel(x, y)
  source <- "Brunner and Munzel (2000) by ranks"
  add(case, "se", found$se, source, 1e-9)
  add(case, "degrees", found$df, source, 1e-9)
  width <- found$se / (found$value * (1 - found$value))
  reach <- qt((1 + level) / 2, found$df) * width
  add(case, "low", plogis(qlogis(found$value) - reach), source, 1e-9)
  add(case, "high", plogis(qlogis(found$value) + reach), source, 1e-9)
  add(case, "p", 2 * pt(-abs(qlogis(found$value)) / width, found$df), source, 1e-9)
}
put_superiority("sup_plain", c(3, 8, 12, 20, 9), c(6, 11, 15, 10, 4))
put_superiority("sup_sparse", c(0, 1, 0, 4, 6), c(2, 0, 3, 3, 0))
put_superiority("sup_unequal", c(1, 2, 5), c(40, 31, 22), 0.9)
put_superiority("sup_pair", c(1, 1, 0), c(1, 0, 1))
put_superiority("sup_pain", c(3, 1, 4, 2, 1), c(11, 2, 0, 1, 0))
# Brunner and Munzel (2000) print their example on pain: p = 0.789, t = 3.137 with 17.683 degrees of freedom.
pain <- "Brunner and Munzel (2000), pain scores"
add("sup_pain", "value", 0.788961, pain, 1e-6)
add("sup_pain", "t", 3.1375, pain, 5e-5)
add("sup_pain", "degrees", 17.683, pain, 5e-5)

# Newcombe (2006, part 2), method 5, where Brunner and Munzel's variance is 0.
put_newcombe <- function(case, value, m, n, level = 0.95) {
  z <- qnorm((1 + level) / 2)
  spread <- function(t) {
    extra <- (m + n) / 2 - 1
    t * (1 - t) * (1 + extra * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n)
  }
  outside <- function(t) abs(value - t) - z * sqrt(spread(t))
  find <- function(from, to) uniroot(outside, c(from, to), tol = 1e-14)$root
  source <- "Newcombe (2006) method 5, by stats::uniroot"
  add(case, "value", value, source, 1e-9)
  add(case, "low", if (value == 0) 0 else find(1e-12, value - 1e-12), source, 1e-8)
  add(case, "high", if (value == 1) 1 else find(value + 1e-12, 1 - 1e-12), source, 1e-8)
}
put_newcombe("sup_apart", 1, 7, 5)
put_newcombe("sup_below", 0, 4, 9)
put_newcombe("sup_alike", 0.5, 6, 8)
put_newcombe("sup_single", 0.5, 1, 1)

# Services as clusters: each left out in turn, on the logit scale (Arvesen 1969).
put_jackknife <- function(case, whole, without, level = 0.95) {
  k <- length(without)
  se <- sqrt((k - 1) / k * sum((qlogis(without) - mean(qlogis(without)))^2))
  reach <- qt((1 + level) / 2, k - 1) * se
  source <- "jackknife written out, stats::wilcox.test"
  add(case, "value", whole, source, 1e-9)
  add(case, "low", plogis(qlogis(whole) - reach), source, 1e-9)
  add(case, "high", plogis(qlogis(whole) + reach), source, 1e-9)
  add(case, "p", 2 * pt(-abs(qlogis(whole)) / se, k - 1), source, 1e-9)
}
share_of_pairs <- function(data) {
  first <- data$code[data$wave == 1]
  second <- data$code[data$wave == 0]
  wilcox.test(first, second, exact = FALSE)$statistic / (length(first) * length(second))
}
put_jackknife("sup_services", share_of_pairs(services), sapply(sort(unique(services$service)), function(one) {
  share_of_pairs(services[services$service != one, ])
}))
moves <- rbind(c(5, 2, 6), c(9, 1, 4), c(3, 3, 8), c(0, 2, 5))
share_up <- function(counts) sum(counts[, 1] + counts[, 3] / 2) / sum(counts)
put_jackknife("pairs_services", share_up(moves), sapply(1:4, function(i) share_up(moves[-i, ])))

# Pairs: (1 + d) / 2, d the share up less the share down, with Tango's (1998) score interval: the limits are where
# (b - c - n d)^2 / (n (p12 + p21 - d^2)) is chi-square's quantile, p by maximum likelihood under that d, found
# numerically here.
tango_z <- function(b, c, n, d) {
  down <- function(q) {
    p <- c(q + d, q, 1 - 2 * q - d)
    if (any(p < 0)) return(-1e10)
    sum(ifelse(c(b, c, n - b - c) > 0, c(b, c, n - b - c) * log(pmax(p, 1e-300)), 0))
  }
  q <- optimize(down, c(max(0, -d), (1 - d) / 2), maximum = TRUE, tol = 1e-13)$maximum
  (b - c - n * d) / sqrt(n * (2 * q + d - d^2))
}
put_pairs <- function(case, up, down, same, level = 0.95) {
  n <- up + down + same
  z <- qnorm((1 + level) / 2)
  d <- (up - down) / n
  low <- if (down == n) -1 else uniroot(function(x) tango_z(up, down, n, x) - z, c(-1 + 1e-9, d - 1e-9), tol = 1e-12)$root
  high <- if (up == n) 1 else uniroot(function(x) tango_z(up, down, n, x) + z, c(d + 1e-9, 1 - 1e-9), tol = 1e-12)$root
  add(case, "value", (1 + d) / 2, "arithmetic", 1e-9)
  add(case, "low", (1 + low) / 2, "Tango (1998) by stats::optimize and uniroot")
  add(case, "high", (1 + high) / 2, "Tango (1998) by stats::optimize and uniroot")
  p <- if (up + down) binom.test(up, up + down)$p.value else 1
  add(case, "p", p, "stats::binom.test", 1e-9)
}
put_pairs("pairs_plain", 14, 6, 20)
put_pairs("pairs_up", 5, 0, 9)
put_pairs("pairs_none", 0, 0, 12)

found <- do.call(rbind, rows)
stopifnot(found$elsewhere != "NA")
# A case and quantity stands once: what a publication prints is told apart by its name.
again <- duplicated(found[c("case", "quantity")])
found$quantity[again] <- paste0(found$quantity[again], "_published")
write.csv(found, "ordinal.csv", row.names = FALSE, quote = TRUE)
