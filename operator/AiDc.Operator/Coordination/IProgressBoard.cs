namespace AiDc.Operator.Coordination;

/// <summary>
/// What workers of running jobs last said of themselves, in the leader's memory. A new leader starts with an empty board and hears again
/// from each worker within seconds: no entry means "nothing heard yet", never "nothing done".
/// </summary>
public interface IProgressBoard
{
    /// <summary>What is known of a job, or null.</summary>
    JobProgress? Get(string jobUid);

    /// <summary>
    /// Raised when <see cref="Get"/> would answer something worth a look: at once for the first step of an attempt, a checkpoint and the
    /// finish, else at most every 5 s a job. Handlers only enqueue; they run on the worker's stream.
    /// </summary>
    event Action<JobKey>? Changed;

    /// <summary>Drops what is known of a job that is finished with or gone.</summary>
    void Forget(string jobUid);
}
