using System.Text.Json.Nodes;
using AiDc.Trainer.Reporting;
using Microsoft.Extensions.Logging;

namespace AiDc.Trainer.Serving.Telemetry;

/// <summary>What is logged through <see cref="ILogger"/>, as lines of the program's own log.</summary>
internal sealed class JsonLogProvider(JsonLog log) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(log, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(JsonLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var level = logLevel switch { LogLevel.Information => "info", LogLevel.Warning => "warning", _ => "error" };
            log.Write(level, "log", line =>
            {
                line["message"] = formatter(state, exception);
                line["logger"] = category;
                if (exception is not null) line["detail"] = JsonValue.Create(exception.ToString());
            });
        }
    }
}
