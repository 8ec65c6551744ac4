using AiDc.Operator.Membership;

namespace AiDc.Operator.Coordination;

/// <summary>
/// What workers that train together say of themselves, in the leader's memory, and the way to tell them. A new leader starts with an empty
/// board; every worker says hello again.
/// </summary>
public interface IGangBoard
{
    /// <summary>A snapshot; without sessions where nobody was heard. Null while this replica does not lead: then nothing may be decided.</summary>
    GangSessions? Get(string jobUid);

    /// <summary>
    /// Raised when a decision may differ: a hello, the end of a stream, prepared, Ready, a broken group, leaving, the first step of a
    /// generation, silence. Not for every heartbeat. Handlers only enqueue.
    /// </summary>
    event Action<JobKey>? Changed;

    /// <summary>
    /// Tells all workers of the job a Form or a Hold that was just written to its status; those who come later are told when they do. Once all
    /// members of a generation are ready the board starts it by itself.
    /// </summary>
    void Announce(JobKey job, MembershipDecision decision);

    /// <summary>Drops what is known of a job that is finished with or gone.</summary>
    void Forget(string jobUid);
}
