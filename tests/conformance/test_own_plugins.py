"""Our own plugins are held to the contracts by the kit that third parties use."""

from __future__ import annotations

from vertikit.testing import conformance

test_building_blocks_conform = conformance(
    "building-blocks",
    slow=(
        "backbones/resnet50",
        "backbones/wide-resnet50",
        "backbones/densenet121",
        "backbones/efficientnet-b0",
        "backbones/mobilenet-v2",
        "backbones/torchvision",
        "compressors/int8",
        "compressors/onnx",
    ),
)
test_medical_conforms = conformance("medical")
test_finance_conforms = conformance("finance", slow=("tasks/finance/fraud",))
test_education_conforms = conformance("education")
test_manufacturing_conforms = conformance(
    "manufacturing", slow=("tasks/manufacturing/fault", "tasks/manufacturing/anomaly")
)
