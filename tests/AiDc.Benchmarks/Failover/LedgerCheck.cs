using System.Globalization;

namespace AiDc.Benchmarks.Failover;

/// <summary>Has the trainer's own checker read a ledger: each sample of each epoch exactly once over the surviving history.</summary>
internal static class LedgerCheck
{
    /// <returns>Null if it is exact, else what is wrong with it.</returns>
    public static async Task<string?> ProblemAsync(string ledger, int epochs, CancellationToken ct)
    {
        try
        {
            await Repository.RunAsync(Repository.Trainer, ["verify-ledger", "--ledger", ledger, "--samples", BenchData.Samples.ToString(CultureInfo.InvariantCulture), "--epochs", epochs.ToString(CultureInfo.InvariantCulture)], ct);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }
}
