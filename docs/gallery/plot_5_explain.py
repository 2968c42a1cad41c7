"""
Explain: which bones an answer depends on
=========================================

PyG's explainers work on whole networks: a mask of the edges of the data says which bones the answer
depends on.
"""

from torch_geometric.explain import CaptumExplainer, Explainer

from pyg_skeleton import create_model
from pyg_skeleton.datasets import synthetic_recording
from pyg_skeleton.visualization import explainer_to_skeleton

model = create_model("ctr_gcn", weights="recognizer")
clip = synthetic_recording(("waving",), seconds=2)
print(model.predict(clip).to_frame(top=3))

# %%
# The network's own chain makes its input; explainers take a clip with frames in the channels.

data = model.preparation(clip.to_layout(model.skeleton).to_data())
explainer = Explainer(
    model,
    CaptumExplainer("IntegratedGradients"),
    explanation_type="model",
    edge_mask_type="object",
    model_config={
        "mode": "multiclass_classification",
        "task_level": "graph",
        "return_type": "raw",
    },
)
explanation = explainer(data.x.flatten(1), data.edge_index)
print(explanation.edge_mask.shape)

# %%
middle = data.x[:, data.x.size(1) // 2]
figure = explainer_to_skeleton(explanation, model.skeleton, positions=middle)
