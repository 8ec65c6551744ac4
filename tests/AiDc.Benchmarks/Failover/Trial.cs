namespace AiDc.Benchmarks.Failover;

/// <summary>What one disturbance of a training cost.</summary>
/// <param name="DetectSeconds">Until the operator had seen it, as the status says; null where nobody is lost.</param>
/// <param name="ResumeSeconds">From the last step before to the first step after, on the survivor that waited longest.</param>
/// <param name="LostSteps">Steps that had been committed and were done again.</param>
/// <param name="FullStrengthSeconds">From the disturbance until all workers, the replacement among them, committed a step together.</param>
internal sealed record Trial(double? DetectSeconds, double ResumeSeconds, long LostSteps, double FullStrengthSeconds)
{
    /// <summary>Does something to a training that runs at full strength and watches what becomes of it.</summary>
    public static async Task<Trial> RunAsync(ElasticJob job, Func<Task> disturb, CancellationToken ct)
    {
        var before = job.Ledger.Generation;
        var at = DateTimeOffset.UtcNow;
        await disturb();
        var resumed = await job.UntilAsync("the survivors train", l => l.FirstAfter(at, before) is null ? null : l, ct);
        var generation = resumed.FirstAfter(at, before)!.Generation;
        var whole = await job.UntilAsync(
            "all workers train again", l => l.FirstAtFullStrength(at, before, ElasticJob.Workers), ct);
        var status = await job.StatusAsync(ct);
        double? detected = status.TryGetProperty("lastFailure", out var failure) && failure.TryGetProperty("detectedAt", out var seen)
            && seen.GetDateTimeOffset() is var when && when >= at ? (when - at).TotalSeconds : null;
        return new(detected, job.Ledger.PauseSeconds(generation) ?? double.NaN, job.Ledger.StepsDoneAgain(generation), (whole.At - at).TotalSeconds);
    }
}
