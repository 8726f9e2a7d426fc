# Random effects, heterogeneity, meta-regression and funnel limits, with metafor (Viechtbauer 2010).
# Run in tests/golden: Rscript r/synthesis.R
suppressMessages(library(metafor))
options(digits = 17)

rows <- list()
add <- function(case, quantity, elsewhere, source, tolerance = 1e-9) {
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = format(as.numeric(elsewhere), digits = 17),
                                          tolerance, source)
}

# Published data, as metadat has them: BCG vaccine (Colditz et al. 1994), hyperdynamic therapy (Zhou et al. 1999,
# dat.pritz1997), teachers' expectancy (Raudenbush 1985). The others are made up for their edges.
# ---- data -----------------------------------------------------------------------------------------------------
data <- function(name, yi, vi, number = NA, word = "") {
  data.frame(data = name, effect = as.numeric(yi), variance = as.numeric(vi), number = number, word = word)
}
bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
pritz <- escalc("PLO", xi = xi, ni = ni, data = dat.pritz1997)
expectancy <- dat.raudenbush1985
shares <- data.frame(service = letters[1:8], events = c(12, 25, 5, 0, 31, 9, 44, 18),
                     n = c(30, 40, 22, 9, 35, 9, 71, 60),
                     posts = c(2, 4, 1, 1, 5, 2, 8, 6), setting = c("town", "town", "land", "land", "town", "land",
                                                                  "town", "land"))
logits <- escalc("PLO", xi = events, ni = n, data = shares, add = 1 / 2, to = "only0")
sets <- rbind(
  data("bcg", bcg$yi, bcg$vi, bcg$ablat, as.character(bcg$alloc)),
  data("pritz", pritz$yi, pritz$vi),
  data("expectancy", expectancy$yi, expectancy$vi, expectancy$weeks, as.character(expectancy$setting)),
  data("shares", logits$yi, logits$vi, shares$posts, shares$setting),
  data("two", c(0.2, 1.4), c(0.05, 0.2)),
  data("three", c(-0.4, 0.9, 0.3), c(0.04, 0.09, 0.3)),
  data("alike", c(0.5, 0.6, 0.55, 0.5, 0.52), c(0.1, 0.2, 0.1, 0.3, 0.2)),
  data("one-apart", c(0.1, 0.11, 0.09, 0.1, 3), c(0.02, 0.03, 0.02, 0.04, 0.05))
)
write.csv(data.frame(data = sets$data, effect = format(sets$effect, digits = 17),
                     variance = format(sets$variance, digits = 17), number = sets$number, word = sets$word),
          "data/synthesis_effects.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(shares, "data/synthesis_shares.csv", row.names = FALSE, quote = FALSE)
for (at in seq_len(nrow(logits))) {
  add(paste0("logit-", shares$service[at]), "effect", logits$yi[at], "metafor::escalc(PLO, only0)")
  add(paste0("logit-", shares$service[at]), "variance", logits$vi[at], "metafor::escalc(PLO, only0)")
}

# ---- fits -----------------------------------------------------------------------------------------------------
methods <- c("paule-mandel" = "PM", "reml" = "REML", "dersimonian-laird" = "DL")
close <- list(threshold = 1e-14, maxiter = 100000, tol = 1e-14)
fit <- function(set, method, test, ...) {
  suppressWarnings(rma(set$effect, set$variance, method = method, test = test, control = close, ...))
}
pooled <- function(name, set) {
  k <- nrow(set)
  common <- rma(set$effect, set$variance, method = "FE")
  add(name, "common", common$b, "metafor::rma(FE)")
  add(name, "common se", common$se, "metafor::rma(FE)")
  moment <- fit(set, "DL", "knha")
  add(name, "q", moment$QE, "metafor::rma")
  add(name, "p", moment$QEp, "metafor::rma")
  # I2 by metafor follows the estimator of tau2; ours is always that of Q, which is metafor's with DL.
  add(name, "i2", moment$I2 / 100, "metafor::rma(DL)")
  for (one in names(methods)) {
    for (truncated in c(FALSE, TRUE)) {
      test <- if (truncated) "adhoc" else "knha"
      found <- fit(set, methods[[one]], test)
      case <- paste0(name, "-", one, if (truncated) "-truncated" else "")
      source <- paste0("metafor::rma(", methods[[one]], ", ", test, ")")
      add(case, "tau2", found$tau2, source)
      for (what in c("b", "se", "ci.lb", "ci.ub")) {
        add(case, c(b = "effect", se = "se", ci.lb = "low", ci.ub = "high")[[what]], found[[what]], source)
      }
      ahead <- predict(found)
      add(case, "predicted low, k - 1", ahead$pi.lb, "metafor::predict.rma")
      add(case, "predicted high, k - 1", ahead$pi.ub, "metafor::predict.rma")
      if (k > 2) { # the formula of Higgins et al. (2009), with metafor's estimates; this metafor has k - 1 only
        reach <- qt(0.975, k - 2) * sqrt(found$tau2 + found$se^2)
        add(case, "predicted low", found$b - reach, "metafor::rma and qt(k - 2)")
        add(case, "predicted high", found$b + reach, "metafor::rma and qt(k - 2)")
      }
    }
  }
}
profile <- function(name, set, level, ...) {
  found <- confint(fit(set, "PM", "z", ...), level = level, control = list(tol = 1e-14, tau2.max = 1e5))$random
  case <- paste0(name, "-", level)
  for (end in c("low", "high")) {
    column <- c(low = "ci.lb", high = "ci.ub")[[end]]
    add(case, paste("tau2", end), found["tau^2", column], "metafor::confint.rma")
    add(case, paste("i2", end), found["I^2(%)", column] / 100, "metafor::confint.rma")
  }
}
for (name in unique(sets$data)) {
  set <- sets[sets$data == name, ]
  pooled(name, set)
  if (name != "alike") for (level in c(95, 90)) profile(name, set, level)
}
profile("bcg-number", sets[sets$data == "bcg", ], 95, mods = ~ sets$number[sets$data == "bcg"])

# ---- leave one out --------------------------------------------------------------------------------------------
for (one in names(methods)) {
  set <- sets[sets$data == "shares", ]
  found <- leave1out(fit(set, methods[[one]], "adhoc"))
  for (at in seq_len(nrow(set))) {
    case <- paste0("without-", shares$service[at], "-", one)
    for (what in c("estimate", "ci.lb", "ci.ub")) {
      quantity <- c(estimate = "share", ci.lb = "low", ci.ub = "high")[[what]]
      add(case, quantity, transf.ilogit(found[[what]][at]), "metafor::leave1out(adhoc)")
    }
  }
}

# ---- meta-regression and subgroups ----------------------------------------------------------------------------
regression <- function(case, set, mods, one, truncated) {
  test <- if (truncated) "adhoc" else "knha"
  found <- fit(set, methods[[one]], test, mods = mods)
  source <- paste0("metafor::rma(", methods[[one]], ", mods, ", test, ")")
  for (at in seq_along(found$b)) {
    for (what in c("b", "se", "ci.lb", "ci.ub", "pval")) add(case, paste(what, at), found[[what]][at], source)
  }
  wald <- fit(set, methods[[one]], "z", mods = mods)
  add(case, "tau2", found$tau2, source)
  add(case, "q", found$QE, source)
  add(case, "q_p", found$QEp, source)
  add(case, "moderator_q", wald$QM, sub(test, "z", source))
  add(case, "moderator_p", found$QMp, source)
  without <- fit(set, methods[[one]], "z")$tau2
  if (without > 0) add(case, "explained", max(0, 1 - found$tau2 / without), "metafor::rma, tau2 with and without")
}
for (name in c("bcg", "expectancy", "shares")) {
  set <- sets[sets$data == name, ]
  word <- factor(set$word, levels = unique(set$word))
  for (one in names(methods)) {
    for (truncated in c(FALSE, TRUE)) {
      end <- paste0("-", one, if (truncated) "-truncated" else "")
      regression(paste0(name, "~number", end), set, ~ set$number, one, truncated)
      regression(paste0(name, "~number+word", end), set, ~ set$number + word, one, truncated)
    }
    groups <- fit(set, methods[[one]], "adhoc", mods = ~ 0 + word)
    case <- paste0(name, "-subgroups-", one)
    for (at in seq_along(groups$b)) {
      for (what in c("b", "se", "ci.lb", "ci.ub")) add(case, paste(what, at), groups[[what]][at], "metafor::rma(~ 0 + word, adhoc)")
    }
    add(case, "moderator_q", fit(set, methods[[one]], "z", mods = ~ word)$QM, "metafor::rma(~ word, z)")
    add(case, "moderator_p", fit(set, methods[[one]], "adhoc", mods = ~ word)$QMp, "metafor::rma(~ word, adhoc)")
  }
}

# ---- funnel limits: Spiegelhalter (2005), appendix A.1.1, by qbinom and pbinom --------------------------------
limit <- function(p, n, share) {
  r <- qbinom(p, n, share)
  at <- pbinom(r, n, share)
  below <- pbinom(r - 1, n, share)
  min(1, max(0, (r - (at - p) / (at - below)) / n))
}
for (share in c(0.02, 0.3, 0.5, 0.775, 0.99)) for (n in c(1, 4, 9, 22, 71, 400)) for (level in c(0.95, 0.998)) {
  case <- paste0("funnel-", share, "-", n, "-", level)
  add(case, "low", limit((1 - level) / 2, n, share), "qbinom, pbinom")
  add(case, "high", limit((1 + level) / 2, n, share), "qbinom, pbinom")
}

write.csv(do.call(rbind, rows), "synthesis.csv", row.names = FALSE)
