using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed;
using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>
/// One step on nothing, thrown away: libtorch chooses and compiles its kernels at the first. Whoever joins a group that trains does this
/// before, so that the others need not wait for it.
/// </summary>
internal static class WarmUp
{
    private const int Most = 32;

    public static void Run(TrainingRun run, TrainingOptions options, TimeProvider time)
    {
        using var scope = NewDisposeScope();
        var alone = new RankGroup(0, 0, null, time);
        var spec = run.Model.Spec;
        var samples = Math.Min(Most, Math.Min(options.BatchSize, options.MicroBatchSize ?? int.MaxValue));
        var batch = new Batch(zeros([samples, spec.Channels, spec.Height, spec.Width], float32), zeros([samples], int64), new int[samples]);
        run.Transaction.Begin(0, alone);
        run.Transaction.Add(batch, samples, samples, alone, last: true);
        run.Transaction.Rollback();
    }
}
