namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>Repeats what may succeed later, with growing pauses.</summary>
internal static class Attempts
{
    public const int Most = 5;

    /// <param name="explain">Of the last error.</param>
    public static T Repeat<T>(Func<T> attempt, Func<Exception, TrainerException> explain, CancellationToken cancellation)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return attempt();
            }
            catch (Exception error) when (IsTransient(error))
            {
                if (!Pause(++failures, cancellation)) throw explain(error);
            }
        }
    }

    public static bool IsTransient(Exception error) =>
        error is HttpRequestException { InnerException: not System.Security.Authentication.AuthenticationException } or IOException;

    /// <summary>Waits before the next attempt: 0.5 s, then twice as long each time.</summary>
    /// <returns>False when there have been enough.</returns>
    public static bool Pause(int failures, CancellationToken cancellation)
    {
        if (failures >= Most) return false;
        cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(0.5 * (1 << (failures - 1))));
        cancellation.ThrowIfCancellationRequested();
        return true;
    }
}
