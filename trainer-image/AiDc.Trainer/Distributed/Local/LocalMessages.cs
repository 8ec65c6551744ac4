namespace AiDc.Trainer.Distributed.Local;

/// <summary>What a pod's first process says to another one of its processes, a line of JSON each.</summary>
/// <param name="Kind">What it is about; the other fields are those that it needs.</param>
internal sealed record ToLocalProcess(
    ToLocalProcess.Word Kind, long Generation = 0, int Rank = 0, int Size = 0, int Owner = 0, IReadOnlyList<byte[]>? Addresses = null)
{
    internal enum Word
    {
        /// <summary>Listen as this rank of a new group.</summary>
        Form,

        /// <summary>Connect to the group.</summary>
        Start,

        /// <summary>Give the group up.</summary>
        Drop,

        /// <summary>The pod was asked to end; go on until the connection closes.</summary>
        AskedToEnd,
    }
}

/// <summary>What another process of a pod says to the first one, a line of JSON each.</summary>
internal sealed record FromLocalProcess(
    FromLocalProcess.Word Kind, long Generation = 0, byte[]? Address = null, IReadOnlyList<int>? ClosedRanks = null, string? Reason = null)
{
    internal enum Word
    {
        /// <summary>Its data is read and its model built.</summary>
        Prepared,

        /// <summary>It listens.</summary>
        Ready,

        /// <summary>A collective failed.</summary>
        Broken,
    }
}
