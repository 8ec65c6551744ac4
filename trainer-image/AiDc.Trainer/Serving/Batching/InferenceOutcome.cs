using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Batching;

/// <summary>What the model answered to a request.</summary>
/// <param name="QueueTicks">Ticks of the clock's timestamps that it waited for the model.</param>
/// <param name="ComputeTicks">Ticks from the start of its first batch to the end of its last.</param>
/// <param name="Ended">Timestamp of the end of its last batch.</param>
/// <param name="BatchRows">Samples in its last batch, with those of other requests.</param>
internal sealed record InferenceOutcome(IReadOnlyList<TensorValue> Outputs, long QueueTicks, long ComputeTicks, long Ended, int BatchRows);
