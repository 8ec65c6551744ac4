namespace AiDc.Trainer.Storage;

/// <summary>Tries again what may succeed a moment later: a network file system that hiccups, a server that restarts.</summary>
public static class StorageRetries
{
    /// <summary>Eight seconds in all; whoever starts the process again waits longer.</summary>
    public static IReadOnlyList<TimeSpan> Usual { get; } = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5.5)];

    /// <param name="waits">Before the second attempt, the third, and so on.</param>
    /// <param name="failed">Told of each failure that another attempt follows.</param>
    /// <exception cref="StorageException">The last attempt failed too.</exception>
    public static T Run<T>(IReadOnlyList<TimeSpan> waits, TimeProvider time, Func<T> operation, Action<StorageException>? failed = null)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                return operation();
            }
            catch (StorageException error) when (failures < waits.Count)
            {
                failed?.Invoke(error);
                Task.Delay(waits[failures], time, CancellationToken.None).GetAwaiter().GetResult();
            }
        }
    }
}
