using System.Threading.Channels;
using AiDc.Coordination.V1;
using Grpc.Core;

namespace AiDc.Operator.Coordination.Sessions;

/// <summary>What is to be said to one worker, in order, from whichever thread; a task of the stream's own writes it.</summary>
internal sealed class SessionOutbox(Action overflow)
{
    /// <summary>A worker that has not read so much is not going to.</summary>
    private const int Capacity = 1024;

    private readonly Channel<CoordinatorMessage> messages = Channel.CreateBounded<CoordinatorMessage>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,
        FullMode = BoundedChannelFullMode.Wait,
    });

    /// <summary>Never blocks. What does not fit ends the stream: the worker dials again and is told what matters.</summary>
    public void Send(CoordinatorMessage message)
    {
        if (!messages.Writer.TryWrite(message) && !messages.Reader.Completion.IsCompleted)
            overflow();
    }

    public void Complete() => messages.Writer.TryComplete();

    public async Task WriteToAsync(IServerStreamWriter<CoordinatorMessage> stream, CancellationToken ended)
    {
        await foreach (var message in messages.Reader.ReadAllAsync(ended))
            await stream.WriteAsync(message, ended);
    }
}
