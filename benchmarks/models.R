# Fits of models.py with R's packages: Rscript models.R DATA.csv OUT.csv REPEATS
# Seconds of the fit alone, as R comes. Estimates of lmer and clm are those of a tighter fit, not timed.
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1])
repeats <- as.integer(arguments[3])
data$answer <- factor(data$answer, ordered = TRUE)
out <- data.frame()

measure <- function(model, package, fit, result, times) {
  if (!requireNamespace(package, quietly = TRUE)) {
    out <<- rbind(out, data.frame(model, quantity = "missing package", place = 0, value = NA))
    return()
  }
  suppressMessages(library(package, character.only = TRUE))
  seconds <- sapply(seq_len(times), function(i) { gc(); system.time(suppressMessages(fit()))[["elapsed"]] })
  found <- result()
  rows <- function(quantity, value) data.frame(model, quantity, place = seq_along(value), value = as.numeric(value))
  out <<- rbind(out, rows("seconds", seconds), rows("estimate", found$estimate), rows("se", found$se))
  cat(model, seconds, "\n", file = stderr())
}

measure("linear mixed", "lme4", function() lmer(score ~ wave + z + (1 | service), data), function() {
  tight <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 10000))
  one <- suppressMessages(lmer(score ~ wave + z + (1 | service), data, control = tight))
  variances <- as.data.frame(VarCorr(one))$vcov
  list(estimate = c(fixef(one), variances), se = sqrt(diag(as.matrix(vcov(one)))))
}, repeats)
measure("proportional odds", "ordinal", function() clm(answer ~ wave + z, data = data), function() {
  one <- clm(answer ~ wave + z, data = data, control = clm.control(gradTol = 1e-10, maxIter = 100))
  last <- length(coef(one)) - 1:0
  list(estimate = coef(one)[last], se = sqrt(diag(vcov(one)))[last])
}, repeats)
last <- NULL
fit <- function() last <<- glmer(yes ~ wave + z + (1 | service), data, family = binomial, nAGQ = 25)
measure("logistic mixed", "lme4", fit, function() {
  list(estimate = c(fixef(last), getME(last, "theta")), se = sqrt(diag(as.matrix(vcov(last)))))
}, 1)
# geepack inverts the working matrix of each service: minutes with services of 500. Once each, compared as it comes.
gee <- function(model, formula, family) {
  last <- NULL
  fit <- function() last <<- geeglm(formula, family = family, data = data, id = service, corstr = "exchangeable")
  measure(model, "geepack", fit, function() {
    list(estimate = c(coef(last), last$geese$alpha), se = sqrt(diag(last$geese$vbeta)))
  }, 1)
}
gee("gee, yes or no", yes ~ wave + z, "binomial")
gee("gee, score", score ~ wave + z, "gaussian")
write.csv(out, arguments[2], row.names = FALSE)
