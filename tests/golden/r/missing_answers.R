# Rubin's rules, the model that unanswered items are drawn from, and a whole imputation.
# Run from tests/golden: Rscript r/missing_answers.R
suppressMessages({library(mice); library(MASS)})

rows <- list()
add <- function(case, quantity, elsewhere, tolerance, source) {
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, elsewhere = sprintf("%.15g", elsewhere),
                                          tolerance, source)
}

# 1. Rubin's rules. Closed forms: 1e-9. Cases: usual, two data sets, many, much and little missing, few degrees of
# freedom, no complete-data degrees of freedom (n = Inf), large numbers, negative values.
lists <- list(
  usual = list(q = c(0.12, 0.15, 0.09, 0.17, 0.11), u = c(0.0040, 0.0042, 0.0039, 0.0041, 0.0043), n = 120),
  two = list(q = c(0.20, 0.40), u = c(0.010, 0.030), n = 51),
  infinite = list(q = c(0.12, 0.15, 0.09, 0.17, 0.11), u = c(0.0040, 0.0042, 0.0039, 0.0041, 0.0043), n = Inf),
  `two-infinite` = list(q = c(-0.3, 0.1), u = c(0.02, 0.02), n = Inf),
  much = list(q = c(-0.5, 0.4, 0.9, -0.8, 0.1, 0.6), u = rep(0.01, 6), n = 40),
  little = list(q = c(0.3000, 0.3010, 0.2990, 0.3005), u = rep(0.004, 4), n = 1000),
  `few-degrees` = list(q = c(0.1, 0.2, 0.15), u = c(0.02, 0.03, 0.025), n = 4),
  one = list(q = c(0.1, 0.2, 0.15), u = c(0.02, 0.03, 0.025), n = 2),
  large = list(q = c(1200, 1250, 1190, 1300, 1225, 1240, 1210, 1260, 1195, 1280), u = rep(900, 10), n = 300),
  twenty = list(q = sin(1:20) / 10, u = 0.002 + cos(1:20) / 2000, n = 85)
)
source <- paste("mice", packageVersion("mice"), "pool.scalar")
for (case in names(lists)) {
  one <- lists[[case]]
  p <- pool.scalar(one$q, one$u, n = one$n, k = 1)
  found <- c(value = p$qbar, within = p$ubar, between = p$b, total = p$t, df = p$df, increase = p$r,
             missing_information = p$fmi)
  for (name in names(found)) add(case, name, found[[name]], 1e-9, source)
  half <- qt(0.975, p$df) * sqrt(p$t)
  add(case, "low", p$qbar - half, 1e-9, paste(source, "with qt"))
  add(case, "high", p$qbar + half, 1e-9, paste(source, "with qt"))
  add(case, "p", 2 * pt(-abs(p$qbar) / sqrt(p$t), p$df), 1e-9, paste(source, "with pt"))
}

# No variance between the data sets. mice sets the part that is missing to 1e-4 there, ours to 0: 1e-3 for df.
p <- pool.scalar(rep(0.3, 5), rep(0.02, 5), n = 60, k = 1)
add("no-between", "value", p$qbar, 1e-9, source)
add("no-between", "total", p$t, 1e-9, source)
add("no-between", "increase", p$r, 1e-9, source)
add("no-between", "df", p$df, 1e-3, source)
p <- pool.scalar(rep(0.3, 5), rep(0.02, 5), n = Inf, k = 1)
add("no-between-infinite", "total", p$t, 1e-9, source)
add("no-between-infinite", "missing_information", p$fmi, 1e-6, source)

# 2. The proportional-odds model that answers are drawn from (with a prior too weak to matter). Four and two answers.
set.seed(20240501)
n <- 160
x1 <- round(rnorm(n), 3)
x2 <- round(rnorm(n), 3)
y <- findInterval(0.9 * x1 - 0.5 * x2 + rlogis(n), c(-1.6, 0, 1.7)) + 1
write.csv(data.frame(y, x1, x2), "data/missing_answers_model.csv", row.names = FALSE)
fit <- polr(factor(y, ordered = TRUE) ~ x1 + x2, Hess = TRUE, control = list(reltol = 1e-14))
source <- paste("MASS", packageVersion("MASS"), "polr")
found <- c(fit$zeta, coef(fit))
errors <- sqrt(diag(vcov(fit)))[c(3:5, 1:2)]
for (i in 1:5) {
  # polr maximises with BFGS and a numerical second derivative: 1e-5, errors 1e-4.
  add("polr", paste0("parameter-", i), found[[i]], 1e-5, source)
  add("polr", paste0("se-", i), errors[[i]], 1e-4, source)
}
logit <- glm(I(y > 2) ~ x1 + x2, family = binomial, control = glm.control(epsilon = 1e-14))
found <- c(-coef(logit)[1], coef(logit)[2:3])
errors <- sqrt(diag(vcov(logit)))
for (i in 1:3) {
  add("logit", paste0("parameter-", i), found[[i]], 1e-6, "stats glm")
  # Ours come from the last step but one: enough for draws.
  add("logit", paste0("se-", i), errors[[i]], 1e-5, "stats glm")
}

# 3. Two waves of two items, persons with low answers left. Both draw at random, parameters too, but from different
# models: predictive mean matching here, proportional odds in ours. Complete cases differ by 0.05 from both. What
# agrees is the difference and its error to 0.01 (Monte-Carlo errors of the difference: 0.003 each).
set.seed(7)
n <- 200
person <- rnorm(n)
later <- 0.7 * person + sqrt(1 - 0.49) * rnorm(n) + 0.5
score <- function(v) findInterval(1.8 * v + rlogis(n), c(-1.5, 0, 1.5)) + 1
wide <- data.frame(a1 = score(person), b1 = score(person), a2 = score(later), b2 = score(later))
left <- runif(n) < plogis(-0.8 - 0.9 * (rowMeans(wide[, 1:2]) - 2.5))
wide[left, c("a2", "b2")] <- NA
for (name in names(wide)) wide[runif(n) < 0.04, name] <- NA
write.csv(wide, "data/missing_answers_two_waves.csv", row.names = FALSE)
made <- mice(wide, m = 200, maxit = 20, method = "pmm", printFlag = FALSE, seed = 11)
for (item in c("a", "b")) {
  each <- sapply(1:200, function(i) {
    one <- complete(made, i)
    change <- (one[[paste0(item, 2)]] >= 3) - (one[[paste0(item, 1)]] >= 3)
    c(mean(change), var(change) / n)
  })
  p <- pool.scalar(each[1, ], each[2, ], n = n, k = 1)
  source <- paste("mice", packageVersion("mice"), "method pmm; 200 data sets")
  add(paste0("two-waves-", item), "difference", p$qbar, 0.01, source)
  add(paste0("two-waves-", item), "se", sqrt(p$t), 0.01, source)
}
add("two-waves-a", "complete", mean(complete.cases(wide)), 1e-12, "stats complete.cases")

write.csv(do.call(rbind, rows), "missing_answers.csv", row.names = FALSE, quote = FALSE)
