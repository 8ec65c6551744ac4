using System.Globalization;

namespace AiDc.Trainer.Serving.Options;

/// <summary>Refuses settings out of range by their name.</summary>
internal static class ServeOptionsValidator
{
    private const int LargestPort = 65535;

    // Arrays of more than 2 GiB are none of .NET's.
    private const int LargestBody = 1024;

    /// <exception cref="ConfigurationException">The message names the option and what it may be.</exception>
    public static void Validate(ServeOptions options)
    {
        InRange("--http-port", options.HttpPort, 0, LargestPort);
        InRange("--grpc-port", options.GrpcPort, 0, LargestPort);
        if (options.HttpPort == options.GrpcPort && options.HttpPort != 0)
            throw new ConfigurationException($"--grpc-port {options.GrpcPort}: HTTP has that port already; use another");
        InRange("--metrics-port", options.MetricsPort, 0, LargestPort);
        if (options.MetricsPort != 0 && (options.MetricsPort == options.HttpPort || options.MetricsPort == options.GrpcPort))
            throw new ConfigurationException($"--metrics-port {options.MetricsPort}: requests come to that port already; use another");
        InRange("--max-batch", options.MaxBatch, 1, 65536);
        InRange("--concurrency", options.Concurrency, 1, 65536);
        InRange("--queue", options.Queue, 0, 1 << 20);
        InRange("--cache-size", (int)Math.Clamp(options.Model.CacheBytes >> 20, int.MinValue, int.MaxValue), 1, int.MaxValue);
        InRange("--max-body", options.MaxBodyMebibytes, 1, LargestBody);
        if (options.MaxBatchLatency > TimeSpan.FromMinutes(1)) throw new ConfigurationException("--max-batch-latency: use at most 1m");
        if (options.Timeout <= TimeSpan.Zero || options.Timeout > TimeSpan.FromDays(1)) throw new ConfigurationException("--timeout: use more than 0s and at most 1d");
        if (!(options.RequestLogRate is >= 0 and <= 1))
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--request-log-rate {options.RequestLogRate}: use a share from 0 to 1"));
        if (options.Model.Name.Length == 0 || options.Model.Name.AsSpan().ContainsAny("/:?#%"))
            throw new ConfigurationException($"--name {options.Model.Name}: the name is part of URLs: use letters, digits, '-', '.' and '_'");
    }

    private static void InRange(string option, int value, int smallest, int largest)
    {
        if (value < smallest || value > largest) throw new ConfigurationException($"{option} {value}: use {smallest} to {largest}");
    }
}
