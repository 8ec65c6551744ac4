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

    public ValueTask DisposeAsync()
    {
        channel.Dispose();
        return ValueTask.CompletedTask;
    }
}
