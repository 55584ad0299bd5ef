"""How a training uses the processor: threads, and half precision where the CPU has it.

Ultralytics takes all cores but one, and knows bfloat16 only on GPUs. On a CPU only the forward pass
runs in it, with channels last (measured: 0.6 s of CPU for a batch of 16 rather than 1.4 s); losses
and weights stay in float32. The model that is averaged and saved is another object, so nothing of
this reaches a checkpoint.
"""

from typing import Any

from detection.training.recipe import Training


def set_up(training: Training, trainer: Any) -> None:
    """Called by Ultralytics once its model stands, before the first batch."""
    import torch

    torch.set_num_threads(training.threads)
    if training.bfloat16 and trainer.device.type == "cpu":
        _halve_forward(trainer.model)


def _halve_forward(model: Any) -> None:
    import torch

    model.to(memory_format=torch.channels_last)
    whole = model.predict

    def predict(pictures: Any, *arguments: Any, **options: Any) -> Any:
        ordered = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return _in_float32(whole(ordered, *arguments, **options))

    model.predict = predict


def _in_float32(found: Any) -> Any:
    """The same nest of lists and tables with every tensor in float32."""
    if isinstance(found, dict):
        return {key: _in_float32(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(_in_float32(value) for value in found)
    return found.float() if hasattr(found, "float") else found
