"""pneumonia-cnn: two convolutions, global average pool, one dense unit, on a 28 x 28 chest radiograph."""

from pathlib import Path

import numpy as np
import onnx
from measures import held_out, spoken
from network import NetworkGraph
from package import risk_outputs

SIZE = 28
KERNEL = 5
PAD = KERNEL // 2
CHANNELS = [1, 8, 16]
EPOCHS = 40
# Interval arithmetic through the trained layers: no image of 0 to 1 has log odds outside -1,008 to 379.
FARTHEST = 1100


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    import jax
    import jax.numpy as jnp
    from descent import binary_loss, descend

    images, events = _read(data, "train")
    draws = np.random.default_rng(0)
    start = {"weight": draws.normal(0, 0.3, (CHANNELS[2], 1)), "bias_out": np.zeros(1)}
    for at in range(2):
        inputs, outputs = CHANNELS[at : at + 2]
        spread = np.sqrt(2 / (inputs * KERNEL**2))
        start[f"kernel{at}"] = draws.normal(0, spread, (outputs, inputs, KERNEL, KERNEL))
        start[f"bias{at}"] = np.zeros(outputs)

    def convolve(layer, kernel, bias):
        made = jax.lax.conv_general_dilated(layer, kernel, (1, 1), [(PAD, PAD), (PAD, PAD)])
        return jax.nn.relu(made + bias[:, None, None])

    def log_odds(w, image):
        layer = convolve(image - 0.5, w["kernel0"], w["bias0"])
        layer = layer.reshape(len(image), CHANNELS[1], SIZE // 2, 2, SIZE // 2, 2).mean(axis=(3, 5))
        layer = convolve(layer, w["kernel1"], w["bias1"])
        return (layer.mean(axis=(2, 3)) @ w["weight"] + w["bias_out"])[:, 0]

    def loss(w, rows, key):
        """With brightness and contrast changed at random: radiographs of another day."""
        contrast, shift = jax.random.uniform(key, (2, len(rows["image"]), 1, 1, 1), minval=-0.15, maxval=0.15)
        changed = jnp.clip((rows["image"] - 0.5) * (1 + 2 * contrast) + 0.5 + shift, 0, 1)
        return binary_loss(log_odds(w, changed), rows["event"])

    weights = descend(loss, start, {"image": images, "event": events}, epochs=EPOCHS, batch=64, rate=2e-3)
    test_images, test_events = _read(data, "test")
    risk = worked(weights, {"image": test_images.astype(np.float64)})["risk"]
    measured = held_out(test_events, risk) | {"accuracy": round(float(np.mean((risk >= 0.5) == test_events)), 3)}
    means = {
        str(label): np.round(images[events == label].mean(axis=0, dtype=np.float64).reshape(-1), 3).tolist()
        for label in (0, 1)
    }
    blurred = np.array(means["0"]).reshape(1, 1, SIZE, SIZE)
    measured["riskOfMeanNormal"] = round(float(worked(weights, {"image": blurred})["risk"][0]), 2)
    return weights, {"trainedOn": len(images), "measured": measured, "meanImages": means}


def _read(data: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(data / "pneumoniamnist" / "pneumoniamnist.npz") as kept:
        images = kept[f"{part}_images"].reshape(-1, 1, SIZE, SIZE).astype(np.float32) / 255
        return images, kept[f"{part}_labels"].reshape(-1).astype(np.float32)


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph("pneumonia-cnn")
    _, last = _convolutions(g, weights)
    pooled = g.op("Flatten", g.op("GlobalAveragePool", last), axis=1)
    log_odds = g.squeeze(g.dense(pooled, weights["weight"], weights["bias_out"]), 1)
    g.output("risk", g.op("Sigmoid", log_odds))
    g.output("log_odds", log_odds)
    return g.model()


def gradient(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Backwards: a convolution becomes a transposed one, an average over n spreads its slope over n."""
    g = NetworkGraph("pneumonia-cnn-gradient")
    first, last = _convolutions(g, weights)
    half = SIZE // 2
    spread = weights["weight"].reshape(1, CHANNELS[2], 1, 1) / half**2
    d_last = g.op("Add", g.op("Mul", last, g.constant(0.0)), g.constant(spread))
    pads = [PAD] * 4
    slope = g.op("Mul", d_last, g.positive(last))
    slope = g.op("ConvTranspose", slope, g.constant(weights["kernel1"]), pads=pads)
    quarter = np.full((CHANNELS[1], 1, 2, 2), 0.25)
    slope = g.op("ConvTranspose", slope, g.constant(quarter), strides=[2, 2], group=CHANNELS[1])
    slope = g.op("Mul", slope, g.positive(first))
    slope = g.op("ConvTranspose", slope, g.constant(weights["kernel0"]), pads=pads)
    g.output("d_image", slope, 1, SIZE, SIZE)
    g.output("activations", last, CHANNELS[2], half, half)
    g.output("d_activations", d_last, CHANNELS[2], half, half)
    return g.model()


def _convolutions(g: NetworkGraph, weights: dict[str, np.ndarray]) -> tuple[str, str]:
    """What both layers answer, after their ReLU."""
    image = g.op("Sub", g.input("image", 1, SIZE, SIZE), g.constant(0.5))
    first = _layer(g, image, weights["kernel0"], weights["bias0"])
    pooled = g.op("AveragePool", first, kernel_shape=[2, 2], strides=[2, 2])
    return first, _layer(g, pooled, weights["kernel1"], weights["bias1"])


def _layer(g: NetworkGraph, x: str, kernel: np.ndarray, bias: np.ndarray) -> str:
    return g.op("Relu", g.op("Conv", x, g.constant(kernel), g.constant(bias), pads=[PAD] * 4))


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    layer = _convolved(given["image"] - 0.5, weights["kernel0"], weights["bias0"])
    layer = (layer[..., ::2, :] + layer[..., 1::2, :]) / 2
    layer = (layer[..., ::2] + layer[..., 1::2]) / 2
    layer = _convolved(layer, weights["kernel1"], weights["bias1"])
    log_odds = layer.mean(axis=(2, 3)) @ weights["weight"][:, 0] + weights["bias_out"][0]
    return {"risk": 1 / (1 + np.exp(-log_odds)), "log_odds": log_odds}


def _convolved(layer: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    padded = np.pad(layer, ((0, 0), (0, 0), (PAD, PAD), (PAD, PAD)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KERNEL, KERNEL), axis=(2, 3))
    made = np.tensordot(windows, kernel.astype(np.float64), axes=([1, 4, 5], [1, 2, 3]))
    return np.maximum(np.moveaxis(made, 3, 1) + bias[:, None, None], 0)


def patients(facts: dict) -> dict[str, np.ndarray]:
    """Black, white, half grey; then images between the two mean images."""
    edges = np.stack([np.full((1, SIZE, SIZE), grey) for grey in (0.0, 1.0, 0.5)])
    share = np.random.default_rng(1).random((20, 1, 1, 1))
    return {"image": np.concatenate([edges, _noisy(facts, share, smooth=0.12, grain=0, seed=2)])}


def background(facts: dict) -> dict[str, np.ndarray]:
    return {"image": _noisy(facts, np.zeros((5, 1, 1, 1)), smooth=0.03, grain=0.08, seed=3)}


def _noisy(facts: dict, share: np.ndarray, smooth: float, grain: float, seed: int) -> np.ndarray:
    """A mix of the mean images (share 0: normal, 1: pneumonia), smooth noise and noise of single pixels."""
    draws = np.random.default_rng(seed)
    normal, ill = (np.array(facts["meanImages"][label]).reshape(1, 1, SIZE, SIZE) for label in ("0", "1"))
    coarse = smooth * draws.standard_normal((len(share), 1, 8, 8))
    fine = grain * draws.standard_normal((len(share), 1, SIZE, SIZE))
    place = np.linspace(0, 7, SIZE)
    weight = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(8)))
    mixed = normal + share * (ill - normal) + weight @ coarse @ weight.T + fine
    return np.round(np.clip(mixed, 0, 1), 2)


def about(facts: dict) -> dict:
    measured = facts["measured"]
    return {
        "id": "pneumonia-cnn",
        "title": "Pneumonia on a small chest radiograph, convolutional network (example)",
        "summary": f"Two convolutions of {CHANNELS[1]} and {CHANNELS[2]} channels ({KERNEL} x {KERNEL}, ReLU, 2 x 2 average pool between), global average pool and one dense unit. It is an example for trying the service and its explanations.",
        "intendedUse": "An example of an image model for demonstrations and tests of the inference service. Not for care.",
        "population": "Children, chest radiographs of the Guangzhou set of Kermany et al., reduced to 28 x 28 pixels",
        "tested": f"the data set's own test images; {spoken(measured)}, accuracy {measured['accuracy']:.3f} at 0.5",
        "trained": f"the data set's {facts['trainedOn']:,} training images; its validation images were not used",
        "cautions": [
            "28 x 28 pixels are far too few to read a radiograph.",
            "The share of pneumonia differs between the training (74 %) and test images, so the probability is not calibrated.",
            f"It takes blur for pneumonia: the mean of the normal training images gets a probability of {measured['riskOfMeanNormal']:.2f}.",
            "Whether several images are of one child cannot be told from the data set.",
        ],
        "data": "PneumoniaMNIST (MedMNIST v2)",
        "dataLicense": "CC BY 4.0",
        "citation": "Yang J, Shi R, Wei D, et al. MedMNIST v2 - A large-scale lightweight benchmark for 2D and 3D biomedical image classification. Scientific Data 2023;10:41. Kermany DS, Goldbaum M, Cai W, et al. Identifying medical diagnoses and treatable diseases by image-based deep learning. Cell 2018;172(5):1122-1131.",
        "demographics": "None is an input.",
        "criteria": "The images and labels as published, without change.",
        "inputs": [
            {
                "name": "image",
                "label": "Grey values of the radiograph, 0 black to 1 white",
                "dtype": "float32",
                "axes": [
                    {"name": "channel", "size": 1},
                    {"name": "pixel row", "size": SIZE},
                    {"name": "pixel column", "size": SIZE},
                ],
                "valid": {"min": 0, "max": 1},
            }
        ],
        "outputs": risk_outputs("pneumonia", FARTHEST),
        "explain": {
            "output": "log_odds",
            "scale": "identity",
            "players": [{"input": "image", "by": "patch", "size": 4}],
            "methods": ["occlusion", "grad-cam", "integrated-gradients"],
            "background": {
                "label": "5 synthetic normal radiographs",
                "source": "The mean of the normal training images with smooth and fine noise, drawn with a seed; none taken from the data. Without the fine noise the mean image is blurred, and the network takes blur for pneumonia.",
            },
        },
        "synthetic": "each image is a mix of the mean normal and the mean pneumonia image of training, with smooth noise",
    }
