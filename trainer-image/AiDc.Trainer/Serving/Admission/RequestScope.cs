using AiDc.Trainer.Serving.Batching;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiDc.Trainer.Serving.Admission;

/// <summary>An inference request from its arrival to its answer: until when it is wanted, and what is to be said about it afterwards.</summary>
internal sealed class RequestScope : IDisposable
{
    private readonly AdmissionGate _gate;
    private readonly CancellationToken _aborted;
    private CancellationTokenSource? _over;
    private CancellationTokenRegistration _left;
    private bool _inside;

    public RequestScope(HttpContext context, AdmissionGate gate, WireProtocol protocol, long started)
    {
        (Protocol, Started) = (protocol, started);
        (_gate, _aborted) = (gate, context.RequestAborted);
    }

    public WireProtocol Protocol { get; }

    /// <summary>Timestamp.</summary>
    public long Started { get; }

    public TimeSpan Timeout { get; private set; }

    /// <summary>Cancelled when the deadline has passed or the client left.</summary>
    public CancellationToken Token => _over?.Token ?? _aborted;

    public bool ClientLeft => _aborted.IsCancellationRequested;

    /// <summary>That the client gave to the request.</summary>
    public string? Id { get; set; }

    public IReadOnlyList<TensorValue>? Inputs { get; set; }

    public InferenceOutcome? Outcome { get; set; }

    public string? Error { get; set; }

    /// <summary>Copies for the log, where it is to have them.</summary>
    public byte[]? RequestPayload { get; set; }

    public byte[]? ResponsePayload { get; set; }

    /// <summary>Whether the log takes this request.</summary>
    public bool Sampled { get; set; }

    /// <summary>Whether it takes its bodies too.</summary>
    public bool WantsPayloads { get; set; }

    public static RequestScope Of(HttpContext context) => context.Features.GetRequiredFeature<RequestScope>();

    /// <summary>Starts the time.</summary>
    public void Limit(TimeSpan timeout, TimeProvider time)
    {
        Timeout = timeout;
        _over = new(timeout, time);
        _left = _aborted.UnsafeRegister(static over => ((CancellationTokenSource)over!).Cancel(), _over);
    }

    /// <summary>To be called once the request is here as a whole: who sends slowly must not take up a place.</summary>
    /// <exception cref="ServingException">There is no room for it.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async Task EnterAsync()
    {
        await _gate.EnterAsync(Token);
        _inside = true;
    }

    public void Dispose()
    {
        if (_inside) _gate.Leave();
        _inside = false;
        _left.Dispose();
        _over?.Dispose();
    }
}

/// <summary>On endpoints that compute: they are subject to admission, deadlines and the request log.</summary>
internal sealed record InferenceRoute(WireProtocol Protocol);

/// <summary>How an inference request speaks.</summary>
internal enum WireProtocol
{
    V1,
    V2,
    Grpc,
}
