"""Logistic regression on plain Python: standardised features, gradient descent with weight decay. The model is JSON."""
import math


def _sigmoid(value):
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def train(rows, rate, decay, epochs, progress=lambda epoch: None):
    """Returns a model. `progress` is called now and then: a worker sends its heartbeat there."""
    width = len(rows[0][0])
    means = [sum(row[0][i] for row in rows) / len(rows) for i in range(width)]
    spreads = [
        math.sqrt(sum((row[0][i] - means[i]) ** 2 for row in rows) / len(rows)) or 1.0 for i in range(width)
    ]
    scaled = [([(row[0][i] - means[i]) / spreads[i] for i in range(width)], row[1]) for row in rows]
    weights, bias = [0.0] * width, 0.0
    for epoch in range(epochs):
        slopes, slope = [0.0] * width, 0.0
        for features, kind in scaled:
            error = _sigmoid(bias + sum(w * x for w, x in zip(weights, features))) - kind
            slope += error
            for i in range(width):
                slopes[i] += error * features[i]
        weights = [w - rate * (s / len(scaled) + decay * w) for w, s in zip(weights, slopes)]
        bias -= rate * slope / len(scaled)
        if epoch % 20 == 0:
            progress(epoch)
    return {"means": means, "spreads": spreads, "weights": weights, "bias": bias}


def says(model, features):
    """The probability that it is of kind 1."""
    scaled = [(x - m) / s for x, m, s in zip(features, model["means"], model["spreads"])]
    return _sigmoid(model["bias"] + sum(w * x for w, x in zip(model["weights"], scaled)))


def measure(model, rows):
    """Accuracy, and the mean of the log-loss."""
    right, loss = 0, 0.0
    for features, kind in rows:
        probability = min(max(says(model, features), 1e-12), 1 - 1e-12)
        right += (probability >= 0.5) == bool(kind)
        loss -= math.log(probability if kind else 1 - probability)
    return {"accuracy": round(right / len(rows), 4), "loss": round(loss / len(rows), 6)}
