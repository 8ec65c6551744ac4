using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Options;

/// <summary>What a server serves, and how much it takes on.</summary>
public sealed record ServeOptions(ServedModelOptions Model)
{
    /// <summary>HTTP/1.1; 0 takes any that is free.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>HTTP/2 without TLS; 0 takes any that is free.</summary>
    public int GrpcPort { get; init; } = 8081;

    /// <summary>HTTP/1.1, for metrics and nothing else: who may ask the model need not see them. 0 takes any that is free.</summary>
    public int MetricsPort { get; init; } = 8082;

    /// <summary>Most samples that the model computes at once; a larger request is computed in parts.</summary>
    public int MaxBatch { get; init; } = 32;

    /// <summary>Longest time that a request waits for others to join it while the model has nothing to do.</summary>
    public TimeSpan MaxBatchLatency { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Requests that are read, computed and answered at once.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Requests that wait beyond those; one more is refused.</summary>
    public int Queue { get; init; } = 128;

    /// <summary>Longest time from a request's arrival to its answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest body of a request.</summary>
    public int MaxBodyMebibytes { get; init; } = 64;

    /// <summary>Most bytes that all requests together take: bodies, tensors that are made of them, and answers. Null: a quarter of the memory that the process may use.</summary>
    public long? BodyMemory { get; init; }

    /// <summary>Share of the requests that are written to the log.</summary>
    public double RequestLogRate { get; init; }

    /// <summary>Whether the log has the bodies of requests and responses too.</summary>
    public bool RequestLogPayloads { get; init; }

    public int MaxBodyBytes => MaxBodyMebibytes << 20;
}
