using AiDc.Trainer.Serving.Errors;
using Microsoft.Extensions.Logging;

namespace AiDc.Trainer.Serving.Telemetry;

/// <summary>Failures that are not the client's. A model that fails on every request must not fill the log: a line a second says enough.</summary>
internal sealed partial class FailureLog(TimeProvider time, ILogger<FailureLog> logger)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _last;
    private int _silent;

    /// <param name="fault">What the client is told.</param>
    public void Write(ServingException fault, string path)
    {
        int silent;
        lock (_lock)
        {
            if (_last is { } last && time.GetElapsedTime(last) < Rest)
            {
                _silent++;
                return;
            }

            _last = time.GetTimestamp();
            (silent, _silent) = (_silent, 0);
        }

        if (fault.IsForeseen) LogModel(path, fault.Message, silent);
        else LogUnexpected(fault.InnerException!, path, silent);
    }

    [LoggerMessage(2001, LogLevel.Error, "A request to {Path} failed in a way that was not foreseen; {Silent} failures before it were not logged")]
    private partial void LogUnexpected(Exception error, string path, int silent);

    [LoggerMessage(2002, LogLevel.Warning, "A request to {Path} failed: {Reason}; {Silent} failures before it were not logged")]
    private partial void LogModel(string path, string reason, int silent);
}
