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
    private readonly HttpContext _context;
    private CancellationTokenSource? _over;
    private CancellationTokenRegistration _left;
    private CancellationTokenRegistration _late;
    private volatile bool _answering;
    private bool _inside;

    public RequestScope(HttpContext context, AdmissionGate gate, MemoryBudget budget, WireProtocol protocol, long started)
    {
        (Protocol, Started) = (protocol, started);
        (_context, _gate, _aborted) = (context, gate, context.RequestAborted);
        Memory = new(budget);
    }

    public WireProtocol Protocol { get; }

    /// <summary>Timestamp.</summary>
    public long Started { get; }

    public TimeSpan Timeout { get; private set; }

    /// <summary>Cancelled when the deadline has passed or the client left.</summary>
    public CancellationToken Token => _over?.Token ?? _aborted;

    public bool ClientLeft => _aborted.IsCancellationRequested && !CutOff;

    /// <summary>Whether the deadline passed while the answer was being sent: a client that does not read must not keep the place for ever.</summary>
    public bool CutOff { get; private set; }

    /// <summary>For the body and what is made of it.</summary>
    public MemoryReservation Memory { get; }

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
        _late = _over.Token.UnsafeRegister(static scope => ((RequestScope)scope!).CutOffLateAnswer(), this);
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
        _late.Dispose();
        _left.Dispose();
        _over?.Dispose();
        Memory.Dispose();
    }

    /// <summary>Before the answer is sent: from now on the deadline ends the connection, since no other answer can be made of it.</summary>
    /// <exception cref="OperationCanceledException">It has passed already.</exception>
    public void BeginAnswer()
    {
        _answering = true;
        // One of the two sees the other: this, or what is called when the deadline passes.
        Interlocked.MemoryBarrier();
        Token.ThrowIfCancellationRequested();
    }

    private void CutOffLateAnswer()
    {
        Interlocked.MemoryBarrier();
        if (_aborted.IsCancellationRequested || !_answering) return;
        CutOff = true;
        _context.Abort();
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
