using System.Runtime.ExceptionServices;

namespace AiDc.Trainer.Data.Folders;

/// <summary>Runs a loop on several cores, tells of its progress, and fails with the error of the first item that has one.</summary>
internal sealed class ParallelWork(int parallelism, IProgress<ReadProgress>? progress, CancellationToken cancellationToken)
{
    private const int ReportEvery = 256;

    public void Run(string stage, int count, Action<int> item)
    {
        var done = 0;
        var failures = new Exception?[count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken };
        var result = Parallel.For(0, count, options, (i, state) =>
        {
            try
            {
                item(i);
            }
            catch (Exception e)
            {
                failures[i] = e;
                state.Break(); // all items before this one still run, so the error told is the same in every run
                return;
            }
            var finished = Interlocked.Increment(ref done);
            if (finished % ReportEvery == 0 || finished == count) progress?.Report(new(stage, finished, count));
        });
        if (result.LowestBreakIteration is { } lowest) ExceptionDispatchInfo.Throw(failures[lowest]!);
    }
}
