namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>A library of collectives.</summary>
public interface ICollectiveBackend
{
    /// <summary>Starts to listen, so that peers can connect.</summary>
    /// <param name="collectiveTimeout">After that a collective that has not ended fails, naming nobody.</param>
    /// <exception cref="CollectiveException">There is no address to listen on.</exception>
    IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout);
}
