namespace AiDc.Operator.Coordination.Board;

/// <summary>What a worker's word on itself tells that the one before did not.</summary>
[Flags]
internal enum GangNews
{
    None = 0,

    /// <summary>A step more is committed.</summary>
    Advanced = 1,

    /// <summary>Something that a decision may hang on.</summary>
    Changed = 2,
}
