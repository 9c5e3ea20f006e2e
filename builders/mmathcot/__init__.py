"""MMathCoT: multimodal maths problems with step-by-step solutions (URSA stage I, arXiv 2501.04686), rules first."""
