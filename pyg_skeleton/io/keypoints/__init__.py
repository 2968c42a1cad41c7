"""Files of 2-D keypoints, as detectors and annotators write them."""
