namespace AiDc.Trainer.Data;

/// <summary>How far a long step is.</summary>
/// <param name="Stage">What is being done, such as "decoding".</param>
/// <param name="Done">Units finished.</param>
/// <param name="Total">Units in all.</param>
public readonly record struct ReadProgress(string Stage, long Done, long Total);
