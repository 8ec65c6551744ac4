using AiDc.Coordination.V1;
using AiDc.Operator.Coordination.Trust;
using Grpc.Core;
using Grpc.Net.Client;

namespace AiDc.Operator.Tests.Coordination;

/// <summary>A peer that says whatever the test likes, over the protocol as it is.</summary>
internal sealed class RawWorker(Replica replica, string? token) : IAsyncDisposable
{
    private readonly GrpcChannel channel = GrpcChannel.ForAddress(replica.Address, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { SslOptions = CoordinatorTls.Client(() => replica.Trust.Authorities) },
        DisposeHttpClient = true,
    });

    public AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> Open()
    {
        var headers = new Metadata();
        if (token is not null)
            headers.Add("authorization", $"Bearer {token}");
        return new Coordinator.CoordinatorClient(channel).Session(headers);
    }

    public static WorkerMessage Hello() => new()
    {
        Hello = new Hello { Job = "team/digits", Attempt = 1, WorkerIndex = 0, ProtocolVersion = 1 },
    };

    /// <summary>Reads until the stream ends, cleanly or not; false if it goes on.</summary>
    public static async Task<bool> HasEnded(AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> call)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            while (await call.ResponseStream.MoveNext(limit.Token))
            {
            }
            return true;
        }
        catch (RpcException)
        {
            return !limit.IsCancellationRequested;
        }
    }

    public ValueTask DisposeAsync()
    {
        channel.Dispose();
        return ValueTask.CompletedTask;
    }
}
