namespace AiDc.Trainer.Distributed.Local;

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
