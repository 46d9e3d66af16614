"""Work on a Dask cluster instead of this machine. The extra `evaluator[cluster]` installs what it takes."""

from evaluator.cluster.pool import ClusterPool

__all__ = ["ClusterPool"]
