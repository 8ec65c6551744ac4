namespace AiDc.Trainer.Distributed;

/// <summary>What a worker has to do after something happened. In order.</summary>
internal abstract record MemberAction
{
    /// <summary>Releases the training thread from the group of that generation at once, from any thread; it is destroyed in the background.</summary>
    internal sealed record AbortGroup(long Generation) : MemberAction;

    /// <summary>Prepares a group, unless it has one prepared for that generation, and sends Ready with its addresses and where the state stands.</summary>
    internal sealed record SendReady(long Generation, int Position) : MemberAction;

    /// <summary>Connects the group and goes on from the owner's state; ends with Joined or JoinFailed.</summary>
    internal sealed record Join(long Generation, bool Owner, bool Synchronise) : MemberAction;

    internal sealed record SendGroupBroken(long Generation, ValueList<int> ClosedRanks, string Reason) : MemberAction;

    internal sealed record SendLeaving : MemberAction;

    /// <summary>Writes a checkpoint of the committed state, at the next boundary between steps; an <see cref="Exit"/> waits for it.</summary>
    internal sealed record WriteCheckpoint : MemberAction;

    internal sealed record Exit : MemberAction;
}
