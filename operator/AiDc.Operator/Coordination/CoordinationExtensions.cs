using AiDc.Operator.Coordination.Authentication;
using AiDc.Operator.Coordination.Board;
using AiDc.Operator.Coordination.Sessions;
using AiDc.Operator.Coordination.Trust;

namespace AiDc.Operator.Coordination;

/// <summary>The coordinator: what it needs, and its routes.</summary>
internal static class CoordinationExtensions
{
    /// <summary>A report of a worker is a few hundred bytes; a metric has a name.</summary>
    private const int LargestMessage = 64 * 1024;

    public static IServiceCollection AddCoordination(this IServiceCollection services)
    {
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = LargestMessage;
            grpc.MaxSendMessageSize = LargestMessage;
            grpc.EnableDetailedErrors = false;
        });
        services.AddSingleton<ProgressBoard>();
        services.AddSingleton<IProgressBoard>(s => s.GetRequiredService<ProgressBoard>());
        services.AddSingleton<AuthorityStore>();
        services.AddSingleton<CoordinatorTrust>();
        services.AddSingleton<ICoordinatorEndpoint>(s => s.GetRequiredService<CoordinatorTrust>());
        services.AddHostedService(s => s.GetRequiredService<CoordinatorTrust>());
        services.AddSingleton<WorkerAuthenticator>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<CoordinationMetrics>();
        services.AddSingleton<WorkerReports>();
        services.AddSingleton<LeaderForwarder>();
        services.AddSingleton<ProgressEndpoint>();
        services.AddHostedService<CoordinationSweeper>();
        return services;
    }

    public static void MapCoordination(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<CoordinatorService>();
        routes.MapPut(ProgressEndpoint.Path, (HttpContext context, ProgressEndpoint endpoint) => endpoint.HandleAsync(context));
    }
}
