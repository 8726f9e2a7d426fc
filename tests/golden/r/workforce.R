# Answers of R to what `workforce.py` computes with ours. Run from tests/golden: Rscript r/workforce.R
suppressPackageStartupMessages({library(survival); library(brglm2)})

rows <- NULL
add <- function(case, quantity, value, tolerance, source) {
  if (length(value) != 1 || is.na(value)) return(invisible())
  rows <<- rbind(rows, data.frame(case, quantity, elsewhere = format(value, digits = 15), tolerance, source))
}
closed <- 1e-9
fitted <- 1e-6

# --- Data: posts as a small evaluation has them (many ties: whole months), and textbook data -------------------
set.seed(41)
n <- 48
months <- pmin(pmax(1, round(rexp(n, 1 / 14))), 30)
mentor <- as.integer(runif(n) < 0.5)
months <- pmin(30, months + ifelse(mentor == 1, round(runif(n, 0, 8)), 0))
left <- as.integer(runif(n) < 0.7 & months < 30)
posts <- data.frame(days = months * 30, ended = left, service = sample(1:4, n, TRUE, c(4, 3, 2, 1)), mentor,
                    fte = sample(c(0.5, 0.6, 0.8, 1), n, TRUE), absence = rgeom(n, 0.1),
                    selection = round(rnorm(n, 60, 12), 1))
few <- data.frame(days = c(10, 20, 20, 35, 35, 60), ended = c(1, 1, 0, 1, 1, 0), group = c(1, 1, 1, 2, 2, 2))
untied <- data.frame(days = c(5, 12, 25, 33, 49, 61, 80, 95), ended = c(1, 1, 0, 1, 1, 0, 1, 1),
                     group = c(1, 2, 1, 2, 2, 1, 2, 1))
halves <- data.frame(days = c(10, 20, 30, 40), ended = c(1, 1, 1, 1), group = c(1, 2, 1, 2))
nobody <- data.frame(days = c(10, 20, 30, 40), ended = c(0, 0, 0, 0), group = c(1, 2, 1, 2))
everybody <- data.frame(days = c(15, 15, 15, 40), ended = c(1, 1, 1, 1), group = c(1, 1, 2, 2))
idle <- data.frame(days = c(9, 8, 7, 30, 41, 52, 60, 75), ended = c(0, 0, 0, 1, 1, 0, 1, 1),
                   group = c(1, 1, 1, 2, 3, 2, 3, 2))
freireich <- data.frame(
  days = c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
           1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23),
  ended = c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, rep(1, 21)),
  group = rep(1:2, each = 21))
leukaemia <- data.frame(days = aml$time, ended = aml$status, group = as.integer(aml$x))
ovary <- with(ovarian, data.frame(days = futime, ended = fustat, age, treatment = rx, residual = resid.ds))
lungs <- with(na.omit(veteran), data.frame(days = time, ended = status, group = as.integer(celltype), karno,
                                           trt = trt - 1))

# --- Curves -----------------------------------------------------------------------------------------------------
curves <- list(posts = posts, few = few, untied = untied, halves = halves, nobody = nobody, everybody = everybody,
               freireich = freireich[freireich$group == 1, ], leukaemia = leukaemia, ovary = ovary)
for (name in names(curves)) {
  data <- curves[[name]]
  fit <- survfit(Surv(days, ended) ~ 1, data = data, conf.type = "log-log")
  for (day in sort(unique(c(data$days[c(1, nrow(data) %/% 2)], round(quantile(data$days, c(.2, .5, .8), names = FALSE)))))) {
    at <- summary(fit, times = day, extend = FALSE)
    add(name, paste("survival at", day), at$surv, closed, "survival::survfit")
    if (at$surv > 0 && at$surv < 1) {
      add(name, paste("low at", day), at$lower, closed, "survival::survfit, log-log")
      add(name, paste("high at", day), at$upper, closed, "survival::survfit, log-log")
    }
  }
  for (level in c(0.95, 0.9)) {
    half <- quantile(survfit(Surv(days, ended) ~ 1, data = data, conf.type = "log-log", conf.int = level), 0.5)
    add(name, paste("median", level), half$quantile, closed, "survival::quantile.survfit")
    add(name, paste("median low", level), half$lower, closed, "survival::quantile.survfit")
    add(name, paste("median high", level), half$upper, closed, "survival::quantile.survfit")
  }
}

# --- Log-rank ---------------------------------------------------------------------------------------------------
groups <- list(posts.mentor = with(posts, data.frame(days, ended, group = mentor + 1)),
               posts.service = with(posts, data.frame(days, ended, group = service)),
               few = few, untied = untied, idle = idle, everybody = everybody, freireich = freireich,
               leukaemia = leukaemia, lungs = lungs)
for (name in names(groups)) {
  data <- groups[[name]]
  test <- survdiff(Surv(days, ended) ~ group, data = data)
  for (g in seq_along(test$obs)) {
    add(name, paste("observed", g), test$obs[g], closed, "survival::survdiff")
    add(name, paste("expected", g), test$exp[g], closed, "survival::survdiff")
  }
  degrees <- sum(test$exp > 0) - 1
  add(name, "log-rank", test$chisq, closed, "survival::survdiff")
  add(name, "log-rank p", pchisq(test$chisq, degrees, lower.tail = FALSE), closed, "survival::survdiff")
}

# --- Cox ----------------------------------------------------------------------------------------------------------
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
models <- list(
  posts.mentor = list(Surv(days, ended) ~ mentor, posts),
  posts.all = list(Surv(days, ended) ~ mentor + fte + factor(service), posts),
  untied = list(Surv(days, ended) ~ group, untied),
  freireich = list(Surv(days, ended) ~ group, freireich),
  leukaemia = list(Surv(days, ended) ~ group, leukaemia),
  ovary = list(Surv(days, ended) ~ age + treatment + residual, ovary),
  lungs = list(Surv(days, ended) ~ trt + karno + factor(group), lungs))
for (name in names(models)) {
  fit <- coxph(models[[name]][[1]], data = models[[name]][[2]], ties = "efron", control = tight, x = TRUE)
  for (k in seq_along(coef(fit))) {
    add(name, paste("coefficient", k), coef(fit)[k], fitted, "survival::coxph, Efron")
    add(name, paste("se", k), sqrt(diag(vcov(fit)))[k], fitted, "survival::coxph, Efron")
  }
  add(name, "log likelihood", fit$loglik[2], fitted, "survival::coxph, Efron")
  add(name, "null log likelihood", fit$loglik[1], fitted, "survival::coxph, Efron")
  single <- cox.zph(fit, terms = FALSE)$table
  for (k in seq_along(coef(fit))) {
    add(name, paste("zph", k), single[k, "chisq"], fitted, "survival::cox.zph")
    add(name, paste("zph p", k), single[k, "p"], fitted, "survival::cox.zph")
  }
  add(name, "zph all", single[nrow(single), "chisq"], fitted, "survival::cox.zph")
  together <- cox.zph(fit, terms = TRUE)$table
  if (nrow(together) < nrow(single)) {
    add(name, "zph last term", together[nrow(together) - 1, "chisq"], fitted, "survival::cox.zph, terms")
    add(name, "zph last term p", together[nrow(together) - 1, "p"], fitted, "survival::cox.zph, terms")
  }
}

# --- An average from elsewhere: by the formulas, from survfit's numbers --------------------------------------------
averages <- list(list("posts", posts, 360, 0.75, NA), list("posts", posts, 360, 0.75, 200),
                 list("freireich", curves$freireich, 20, 0.4, NA), list("freireich", curves$freireich, 20, 0.4, 60),
                 list("leukaemia", leukaemia, 30, 0.4, 15))
for (one in averages) {
  case <- sprintf("average %s n %s", one[[1]], ifelse(is.na(one[[5]]), "unknown", one[[5]]))
  at <- summary(survfit(Surv(days, ended) ~ 1, data = one[[2]], conf.type = "log-log"), times = one[[3]])
  average <- one[[4]]
  wilson <- c(average, average)
  variance <- (at$std.err / (at$surv * log(at$surv)))^2
  if (!is.na(one[[5]])) {
    wilson <- prop.test(average * one[[5]], one[[5]], correct = FALSE)$conf.int
    variance <- variance + average * (1 - average) / one[[5]] / (average * log(average))^2
  }
  difference <- at$surv - average
  add(case, "difference", difference, closed, "survival::survfit")
  add(case, "low", difference - sqrt((at$surv - at$lower)^2 + (wilson[2] - average)^2), closed,
      "survival::survfit and stats::prop.test, by the formula")
  add(case, "high", difference + sqrt((at$upper - at$surv)^2 + (average - wilson[1])^2), closed,
      "survival::survfit and stats::prop.test, by the formula")
  z <- (log(-log(at$surv)) - log(-log(average))) / sqrt(variance)
  add(case, "p", 2 * pnorm(-abs(z)), closed, "survival::survfit, by the formula")
}

# --- Firth's logistic regression -----------------------------------------------------------------------------------
penalised <- function(beta, x, y) {
  linear <- drop(x %*% beta)
  weight <- plogis(linear) * plogis(-linear)
  information <- crossprod(x * weight, x)
  sum(y * linear - log1p(exp(-abs(linear))) - pmax(linear, 0)) +
    as.numeric(determinant(information)$modulus) / 2
}
maximum <- function(x, y, fixed = NULL, value = 0, start = rep(0, ncol(x))) {
  free <- setdiff(seq_len(ncol(x)), fixed)
  whole <- function(part) { beta <- start; beta[fixed] <- value; beta[free] <- part; beta }
  goal <- function(part) -penalised(whole(part), x, y)
  part <- start[free]
  for (again in 1:6) {
    found <- optim(part, goal, method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))
    found <- optim(found$par, goal, method = if (length(free) > 1) "Nelder-Mead" else "BFGS",
                   control = list(reltol = 1e-16, maxit = 4000))
    part <- found$par
  }
  list(value = -found$value, beta = whole(part))
}
standard <- function(x) { s <- apply(x, 2, sd); list(x = cbind(1, scale(x)), s = s) }

logits <- list(
  endometrial = list(as.matrix(endometrial[, c("NV", "PI", "EH")]), endometrial$HG),
  posts = with(posts[posts$days >= 360 | posts$ended == 1, ],
               list(cbind(mentor, fte, absence), as.integer(days > 360))),
  separated = list(cbind(mentor = c(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1), score = c(1, 2, 4, 5, 7, 3, 2, 6, 8, 5, 9)),
                   c(0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1)),
  skewed = list(cbind(absence = c(rep(0, 14), 1, 1, 1, 1, 2, 2, 2, 3, 5, 5, 6, 6, 7, 14, 17, 30, 35, 55)),
                as.integer(!(1:32 %in% c(1:7, 15, 23)))),
  perfect = list(cbind(mentor = c(0, 0, 0, 0, 1, 1, 1)), c(0, 0, 0, 0, 1, 1, 1)),
  balanced = list(cbind(mentor = c(0, 0, 0, 0, 1, 1, 1, 1)), c(0, 1, 0, 1, 1, 0, 0, 1)))
for (name in names(logits)) {
  x <- logits[[name]][[1]]
  y <- logits[[name]][[2]]
  fit <- glm(y ~ x, family = binomial("logit"), method = "brglmFit", type = "AS_mean",
             control = list(epsilon = 1e-13, maxit = 1000))
  se <- sqrt(diag(vcov(fit)))
  for (k in seq_along(coef(fit))) {
    add(name, paste("firth", k - 1), coef(fit)[k], fitted, "brglm2, AS_mean")
    add(name, paste("firth se", k - 1), se[k], fitted, "brglm2, AS_mean")
  }
  z <- standard(x)
  best <- maximum(z$x, y)
  for (k in seq_len(ncol(x))) {
    profile <- function(b) maximum(z$x, y, k + 1, b, best$beta)$value
    excess <- function(b) 2 * (best$value - profile(b)) - qchisq(0.95, 1)
    width <- 1.96 * se[k + 1] * z$s[k]
    # The optimiser stops where the likelihood, flat at its maximum, no longer tells a step: about 7 digits.
    low <- uniroot(excess, best$beta[k + 1] - c(3, 0.2) * width, extendInt = "downX", tol = 1e-10)$root
    high <- uniroot(excess, best$beta[k + 1] + c(0.2, 3) * width, extendInt = "upX", tol = 1e-10)$root
    add(name, paste("profile low", k), low / z$s[k], 1e-6, "own profile with stats::optim")
    add(name, paste("profile high", k), high / z$s[k], 1e-6, "own profile with stats::optim")
    ratio <- 2 * (best$value - profile(0))
    add(name, paste("penalised p", k), pchisq(max(ratio, 0), 1, lower.tail = FALSE), 1e-6,
        "own profile with stats::optim")
  }
}

# --- Growth, by hand: "from 4 to 40" -------------------------------------------------------------------------------
years <- 1096 / 365.25
for (pair in list(c(4, 40), c(26, 25))) {
  case <- sprintf("from %d to %d", pair[1], pair[2])
  add(case, "growth", diff(pair), closed, "base R")
  add(case, "ratio", pair[2] / pair[1], closed, "base R")
  add(case, "per year", diff(pair) / years, closed, "base R")
  add(case, "ratio per year", exp(log(pair[2] / pair[1]) / years), closed, "base R")
}

write.csv(rows, "workforce.csv", row.names = FALSE, quote = c(1, 2, 5))
data <- list(posts = posts, few = few, untied = untied, halves = halves, nobody = nobody, everybody = everybody,
             idle = idle, freireich = freireich, leukaemia = leukaemia, ovary = ovary, lungs = lungs,
             endometrial = endometrial[, c("NV", "PI", "EH", "HG")])
for (name in names(data))
  write.csv(data[[name]], sprintf("data/workforce_%s.csv", name), row.names = FALSE, quote = FALSE)
