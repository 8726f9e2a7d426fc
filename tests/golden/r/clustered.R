# Models with clusters: geepack, clubSandwich, lme4, nlme, and definitions written out in full matrices.
# Run from tests/golden: Rscript r/clustered.R
suppressMessages({library(geepack); library(clubSandwich); library(lme4); library(nlme)})
options(digits = 17)
set.seed(20261122)

# Twelve clusters of unequal size, one of them a single row; a wave, a number and a characteristic of the cluster.
sizes <- c(1, 4, 6, 9, 12, 15, 18, 20, 22, 25, 30, 38)
cluster <- rep(seq_along(sizes), sizes)
n <- length(cluster)
wave <- rbinom(n, 1, 0.5)
z <- round(rnorm(n), 2)
place <- seq_along(sizes) %% 2
effect <- rnorm(length(sizes), 0, 0.8)
score <- round(10 + 1.2 * wave + 0.4 * z + 0.5 * place[cluster] + 1.5 * effect[cluster] + rnorm(n, 0, 2), 1)
yes <- rbinom(n, 1, plogis(-0.4 + 0.7 * wave + 0.3 * z + effect[cluster]))
rows <- data.frame(cluster, wave, z, place = place[cluster], score, yes)
# Means of the clusters are closer together than chance would have it: no variance between clusters is left.
flat <- data.frame(cluster = rep(1:6, each = 8), wave = rep(0:1, 24))
flat$score <- round(rnorm(48) + flat$wave, 1)
flat$score <- round(flat$score - ave(flat$score, flat$cluster, flat$wave) + flat$wave, 3)
flat$yes <- rep(c(0, 0, 1, 1, 1, 0, 0, 1), 6)
# Persons asked twice, as clusters of two.
persons <- data.frame(cluster = rep(1:60, each = 2), wave = rep(0:1, 60))
persons$yes <- rbinom(120, 1, plogis(-0.2 + 0.8 * persons$wave + rep(rnorm(60, 0, 1.5), each = 2)))
persons$score <- round(5 + 0.6 * persons$wave + rep(rnorm(60, 0, 1), each = 2) + rnorm(120), 2)
# Rare answers in many small clusters, some of one or two rows.
rare <- data.frame(cluster = rep(1:60, times = 1 + (1:60) %% 14))
rare$wave <- rbinom(nrow(rare), 1, 0.5)
rare$yes <- rbinom(nrow(rare), 1, plogis(-3 + 0.8 * rare$wave + rep(rnorm(60, 0, 1.2), times = 1 + (1:60) %% 14)))
write.csv(rare, "data/clustered_rare.csv", row.names = FALSE)
write.csv(rows, "data/clustered_rows.csv", row.names = FALSE)
write.csv(flat, "data/clustered_flat.csv", row.names = FALSE)
write.csv(persons, "data/clustered_persons.csv", row.names = FALSE)

out <- data.frame()
add <- function(case, quantity, elsewhere, tolerance, source) {
  out <<- rbind(out, data.frame(case, quantity, elsewhere = sprintf("%.15g", elsewhere), tolerance, source))
}
each <- function(case, names, values, tolerance, source) {
  for (i in seq_along(names)) add(case, names[i], values[i], tolerance, source)
}
terms <- c("intercept", "wave", "z")

# GEE ------------------------------------------------------------------------------------------------------------
full <- function(fit, data, family, rho, contrast = c(0, 1, rep(0, length(coef(fit)) - 2))) {
  # Errors by definition, in full matrices: H = D B D' V^-1 for each cluster.
  X <- model.matrix(fit)
  mu <- as.numeric(fitted(fit))
  v <- if (family == "binomial") mu * (1 - mu) else rep(1, length(mu))
  D <- if (family == "binomial") X * v else X
  y <- data[[all.vars(formula(fit))[1]]]
  ids <- split(seq_along(mu), data$cluster)
  V <- lapply(ids, function(i) {
    R <- matrix(rho, length(i), length(i)); diag(R) <- 1
    outer(sqrt(v[i]), sqrt(v[i])) * R
  })
  B <- solve(Reduce(`+`, Map(function(i, V) t(D[i, , drop = FALSE]) %*% solve(V, D[i, , drop = FALSE]), ids, V)))
  power <- function(M, p) {
    e <- eigen(M)
    Re(e$vectors %*% diag(e$values^p, length(e$values)) %*% solve(e$vectors))
  }
  meat <- function(p) {
    Reduce(`+`, Map(function(i, V) {
      d <- D[i, , drop = FALSE]
      H <- d %*% B %*% t(d) %*% solve(V)
      u <- t(d) %*% solve(V) %*% power(diag(length(i)) - H, p) %*% (y[i] - mu[i])
      u %*% t(u)
    }, ids, V))
  }
  # Satterthwaite: the estimated variance is a quadratic form in the residuals; its moments under the working model.
  whole <- matrix(0, length(mu), length(mu))
  for (k in seq_along(ids)) whole[ids[[k]], ids[[k]]] <- V[[k]]
  left <- diag(length(mu)) - D %*% B %*% t(D) %*% solve(whole)
  forms <- sapply(seq_along(ids), function(k) {
    i <- ids[[k]]
    d <- D[i, , drop = FALSE]
    H <- d %*% B %*% t(d) %*% solve(V[[k]])
    t(left[i, , drop = FALSE]) %*% t(contrast %*% B %*% t(d) %*% solve(V[[k]]) %*% power(diag(length(i)) - H, -0.5))
  })
  P <- t(forms) %*% whole %*% forms
  list(
    mancl = sqrt(diag(B %*% meat(-1) %*% B)), kauermann = sqrt(diag(B %*% meat(-0.5) %*% B)),
    df = sum(diag(P))^2 / sum(P^2), of_contrast = sqrt(c(t(contrast) %*% B %*% meat(-0.5) %*% B %*% contrast))
  )
}
tight <- geese.control(epsilon = 1e-12, maxit = 200)
gee <- function(case, formula, data, family, corstr, names = terms) {
  fit <- geeglm(formula, family = family, data = data, id = cluster, corstr = corstr, control = tight)
  each(case, names, coef(fit), 1e-6, "geepack::geeglm")
  each(case, paste(names, "robust se"), sqrt(diag(fit$geese$vbeta)), 1e-6, "geepack::geeglm")
  each(case, paste(names, "model se"), sqrt(diag(fit$geese$vbeta.naiv)), 1e-6, "geepack::geeglm")
  add(case, "dispersion", fit$geese$gamma, 1e-6, "geepack::geeglm")
  rho <- 0
  if (corstr == "exchangeable") {
    rho <- fit$geese$alpha
    add(case, "correlation", rho, 1e-6, "geepack::geeglm")
  }
  hand <- full(fit, data, family, rho)
  each(case, paste(names, "mancl-derouen se"), hand$mancl, 1e-6, "Mancl and DeRouen (2001), full matrices")
  each(case, paste(names, "kauermann-carroll se"), hand$kauermann, 1e-6, "Kauermann and Carroll (2001), full matrices")
  add(case, "wave df", hand$df, 1e-6, "Bell and McCaffrey (2002), full matrices")
}
for (corstr in c("independence", "exchangeable")) {
  gee(paste("gee gaussian", corstr), score ~ wave + z, rows, "gaussian", corstr)
  gee(paste("gee binomial", corstr), yes ~ wave + z, rows, "binomial", corstr)
  gee(paste("gee persons gaussian", corstr), score ~ wave, persons, "gaussian", corstr, terms[1:2])
  gee(paste("gee persons binomial", corstr), yes ~ wave, persons, "binomial", corstr, terms[1:2])
}
gee("gee rare binomial exchangeable", yes ~ wave, rare, "binomial", "exchangeable", terms[1:2])
gee("gee rare binomial independence", yes ~ wave, rare, "binomial", "independence", terms[1:2])
gee("gee place gaussian exchangeable", score ~ wave + z + place, rows, "gaussian", "exchangeable", c(terms, "place"))
gee("gee few binomial exchangeable", yes ~ wave, rows[rows$cluster > 7, ], "binomial", "exchangeable", terms[1:2])

# Difference of two shares: the identity link needs no delta method, and must give the same.
difference <- function(case, data, corstr) {
  direct <- geeglm(yes ~ wave, family = binomial("identity"), data = data, id = cluster, corstr = corstr, control = tight)
  add(case, "difference", coef(direct)[2], 1e-6, "geepack::geeglm, identity link")
  add(case, "difference robust se", sqrt(direct$geese$vbeta[2, 2]), 1e-6, "geepack::geeglm, identity link")
  fit <- geeglm(yes ~ wave, family = binomial, data = data, id = cluster, corstr = corstr, control = tight)
  shares <- plogis(cumsum(coef(fit)))
  slopes <- shares * (1 - shares)
  rho <- if (corstr == "exchangeable") fit$geese$alpha else 0
  hand <- full(fit, data, "binomial", rho, c(slopes[2] - slopes[1], slopes[2]))
  add(case, "difference kauermann-carroll se", hand$of_contrast, 1e-6, "Kauermann and Carroll (2001), full matrices")
  add(case, "difference df", hand$df, 1e-6, "Bell and McCaffrey (2002), full matrices")
}
for (corstr in c("independence", "exchangeable")) {
  difference(paste("share rows", corstr), rows, corstr)
  difference(paste("share persons", corstr), persons, corstr)
  difference(paste("share rare", corstr), rare, corstr)
}
linear <- lm(score ~ wave + z, data = rows)
for (type in c("CR0", "CR2", "CR3")) {
  V <- vcovCR(linear, cluster = rows$cluster, type = type)
  each("club linear", paste(terms, type), sqrt(diag(V)), 1e-9, "clubSandwich::vcovCR(lm)")
}
test <- coef_test(linear, vcov = "CR2", cluster = rows$cluster, test = "Satterthwaite")
each("club linear", paste(terms, "df"), test$df_Satt, 1e-9, "clubSandwich::coef_test(CR2)")
each("club linear", paste(terms, "p"), test$p_Satt, 1e-9, "clubSandwich::coef_test(CR2)")
logit <- glm(yes ~ wave + z, family = binomial, data = rows, control = glm.control(epsilon = 1e-14, maxit = 100))
for (type in c("CR0", "CR3")) {
  V <- vcovCR(logit, cluster = rows$cluster, type = type)
  each("club logit", paste(terms, type), sqrt(diag(V)), 1e-7, "clubSandwich::vcovCR(glm)")
}

# Linear mixed model -----------------------------------------------------------------------------------------------
control <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 10000))
mixed <- function(case, formula, data, REML, names) {
  fit <- suppressMessages(lmer(formula, data, REML = REML, control = control))
  variances <- as.data.frame(VarCorr(fit))$vcov
  each(case, names, fixef(fit), 1e-6, "lme4::lmer")
  each(case, paste(names, "se"), sqrt(diag(as.matrix(vcov(fit)))), 1e-6, "lme4::lmer")
  add(case, "between", variances[1], 1e-6, "lme4::lmer")
  add(case, "within", variances[2], 1e-6, "lme4::lmer")
  add(case, "deviance", if (REML) REMLcrit(fit) else deviance(fit), 1e-9, "lme4::lmer")
  # The deviance as a function of the only parameter; an interval where it rises by the chi-square quantile.
  f <- suppressMessages(lmer(formula, data, REML = REML, devFunOnly = TRUE))
  best <- getME(fit, "theta")
  above <- function(t) f(t) - f(best) - qchisq(0.95, 1)
  high <- uniroot(above, c(best, best + 20), tol = 1e-13)$root
  low <- if (above(0) > 0) uniroot(above, c(0, best), tol = 1e-13)$root else 0
  add(case, "correlation low", low^2 / (1 + low^2), 1e-6, "lme4::lmer, its deviance function")
  add(case, "correlation high", high^2 / (1 + high^2), 1e-6, "lme4::lmer, its deviance function")
}
for (REML in c(TRUE, FALSE)) {
  kind <- if (REML) "reml" else "ml"
  mixed(paste("lmm rows", kind), score ~ wave + z + place + (1 | cluster), rows, REML, c(terms, "place"))
  mixed(paste("lmm few", kind), score ~ wave + (1 | cluster), rows[rows$cluster > 7, ], REML, terms[1:2])
  mixed(paste("lmm persons", kind), score ~ wave + (1 | cluster), persons, REML, terms[1:2])
  mixed(paste("lmm singular", kind), score ~ wave + (1 | cluster), flat, REML, terms[1:2])
  mixed(paste("lmm yes", kind), yes ~ wave + (1 | cluster), rows, REML, terms[1:2])
}
inner <- lme(score ~ wave + z + place, random = ~ 1 | cluster, data = rows)
each("lmm rows reml", c("wave df", "z df", "place df"), inner$fixDF$X[c("wave", "z", "place")], 1e-9, "nlme::lme")

# Logistic mixed model ---------------------------------------------------------------------------------------------
# lme4's own errors come from plain finite differences (about 4 digits): here its deviance function is differentiated
# by central differences with Richardson's extrapolation. Estimates are refined on it, too.
hessian <- function(f, at) {
  p <- length(at)
  second <- function(h) {
    H <- matrix(0, p, p)
    for (i in 1:p) for (j in 1:p) {
      a <- b <- rep(0, p); a[i] <- h; b[j] <- h
      H[i, j] <- (f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b)) / (4 * h^2)
    }
    H
  }
  (4 * second(0.005) - second(0.01)) / 3
}
# Allowed for errors: ten times as much, for the second differences.
logistic <- function(case, formula, data, names, points, tolerance = 1e-6) {
  fit <- suppressMessages(glmer(formula, data, family = binomial, nAGQ = points, control = glmerControl(tolPwrss = 1e-13)))
  f <- suppressMessages(update(fit, devFunOnly = TRUE))
  at <- c(getME(fit, "theta"), fixef(fit))
  for (again in 1:4) {
    g <- sapply(seq_along(at), function(i) {
      h <- rep(0, length(at)); h[i] <- 1e-3
      (8 * (f(at + h) - f(at - h)) - (f(at + 2 * h) - f(at - 2 * h))) / (12 * 1e-3)
    })
    at <- at - solve(hessian(f, at), g)
  }
  covariance <- 2 * solve(hessian(f, at))
  source <- sprintf("lme4::glmer(nAGQ = %d), refined", points)
  each(case, c("sd", names), at, tolerance, source)
  each(case, paste(c("sd", names), "se"), sqrt(diag(covariance)), 10 * tolerance, source)
  unrefined <- c(getME(fit, "theta"), fixef(fit))
  each(paste(case, "as it comes"), c("sd", names), unrefined, 1e-3, sprintf("lme4::glmer(nAGQ = %d)", points))
  if (length(names) != 2) return()
  margin <- function(par, w) integrate(function(u) plogis(par[2] + par[3] * w + par[1] * u) * dnorm(u), -9, 9, rel.tol = 1e-12)$value
  change <- function(par) margin(par, 1) - margin(par, 0)
  slope <- sapply(1:3, function(i) { h <- rep(0, 3); h[i] <- 1e-4; (change(at + h) - change(at - h)) / 2e-4 })
  add(case, "marginal difference", change(at), 1e-6, "integrate()")
  add(case, "marginal difference se", sqrt(t(slope) %*% covariance %*% slope), 1e-5, "integrate(), delta method")
}
logistic("glmm rows", yes ~ wave + z + (1 | cluster), rows, terms, 25)
# Nine points: lme4 finds the top of the approximated likelihood, ours the zero of the approximated score; they are
# apart by the error of the approximation, which 25 points make too small to see.
logistic("glmm rows, nine points", yes ~ wave + z + (1 | cluster), rows, terms, 9, 2e-5)
logistic("glmm waves", yes ~ wave + (1 | cluster), rows, terms[1:2], 25)
logistic("glmm rare", yes ~ wave + (1 | cluster), rare, terms[1:2], 25)
logistic("glmm persons", yes ~ wave + (1 | cluster), persons, terms[1:2], 25)
plain <- glm(yes ~ wave, family = binomial, data = flat, control = glm.control(epsilon = 1e-14))
each("glmm singular", terms[1:2], coef(plain), 1e-9, "stats::glm; lme4::glmer finds no variance either")
each("glmm singular", paste(terms[1:2], "se"), sqrt(diag(vcov(plain))), 1e-7, "stats::glm")
singular <- suppressMessages(glmer(yes ~ wave + (1 | cluster), flat, family = binomial, nAGQ = 25))
stopifnot(isSingular(singular))
add("glmm singular", "sd", 0, 1e-9, "lme4::glmer")

# Wild cluster bootstrap: all weights, one after the other, with whole regressions ---------------------------------------
# All combinations at once, a chunk of them at a time. Eight clusters: ours are 99,999 draws, whose p has a standard
# error of at most 0.0016; R's is the p of all combinations.
wild <- function(case, data, outcome, formula, values, drawn = FALSE) {
  data$y <- data[[outcome]]
  X <- model.matrix(formula, data)
  B <- solve(crossprod(X))
  ids <- split(seq_len(nrow(X)), data$cluster)
  number <- length(ids)
  term <- which(colnames(X) == "wave")
  t_of <- function(Y) {
    b <- B %*% crossprod(X, Y)
    E <- Y - X %*% b
    V <- Reduce(`+`, lapply(ids, function(i) (B[term, ] %*% crossprod(X[i, , drop = FALSE], E[i, , drop = FALSE]))^2))
    drop(b[term, ] / sqrt(V))
  }
  null <- lm.fit(X[, -term, drop = FALSE], data$y)
  place <- match(data$cluster, names(ids)); total <- length(values)^number
  at_least <- 0; t <- t_of(cbind(data$y))
  for (first in seq(0, total - 1, by = 20000)) {
    which <- first:min(first + 19999, total - 1)
    grid <- sapply(seq_len(number), function(k) values[(which %/% length(values)^(k - 1)) %% length(values) + 1])
    ts <- t_of(null$fitted.values + null$residuals * t(grid)[place, ])
    at_least <- at_least + sum(!(abs(ts) < abs(t) * (1 - 1e-10)))
  }
  add(case, "t", t, 1e-8, "Cameron, Gelbach and Miller (2008), whole regressions")
  add(case, "p", at_least / total, if (drawn) 0.006 else 1e-9, "Cameron, Gelbach and Miller (2008), whole regressions")
  if (!drawn) add(case, "draws", total, 0, "counted")
}
webb <- c(-sqrt(1.5), -1, -sqrt(0.5), sqrt(0.5), 1, sqrt(1.5))
two <- c(-1, 1)
wild("wild four, yes", rows[rows$cluster > 8, ], "yes", y ~ wave, webb)
wild("wild five, score", rows[rows$cluster %in% c(2, 3, 4, 5, 6), ], "score", y ~ wave, webb)
wild("wild seven, score", rows[rows$cluster %in% 3:9, ], "score", y ~ wave, webb)
wild("wild eight, yes", rows[rows$cluster > 4, ], "yes", y ~ wave + z, webb, drawn = TRUE)
wild("wild eleven, score", rows[rows$cluster > 1, ], "score", y ~ wave + z, two)
wild("wild twelve, yes", rows, "yes", y ~ wave, two)

write.csv(out, "clustered.csv", row.names = FALSE, quote = c(1, 2, 5))
