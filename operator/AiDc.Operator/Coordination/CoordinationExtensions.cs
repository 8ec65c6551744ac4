using AiDc.Operator.Coordination.Authentication;
using AiDc.Operator.Coordination.Board;
using AiDc.Operator.Coordination.Sessions;
using AiDc.Operator.Coordination.Trust;

namespace AiDc.Operator.Coordination;

/// <summary>The coordinator: what it needs, and its routes.</summary>
internal static class CoordinationExtensions
{
    /// <summary>A report of a worker is a few hundred bytes; the addresses of its processes, for each of a thousand peers, are the most.</summary>
    private const int LargestReport = 256 * 1024;

    /// <summary>The start of a thousand workers carries what each of them sent.</summary>
    private const int LargestOrder = 64 * 1024 * 1024;

    public static IServiceCollection AddCoordination(this IServiceCollection services)
    {
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = LargestReport;
            grpc.MaxSendMessageSize = LargestOrder;
            grpc.EnableDetailedErrors = false;
        });
        services.AddSingleton<ProgressBoard>();
        services.AddSingleton<IProgressBoard>(s => s.GetRequiredService<ProgressBoard>());
        services.AddSingleton<GangMetrics>();
        services.AddSingleton<GangBoard>();
        services.AddSingleton<IGangBoard>(s => s.GetRequiredService<GangBoard>());
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
        services.AddHostedService<GangTicker>();
        services.AddHostedService<StepDown>();
        return services;
    }

    public static void MapCoordination(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<CoordinatorService>();
        routes.MapPut(ProgressEndpoint.Path, (HttpContext context, ProgressEndpoint endpoint) => endpoint.HandleAsync(context));
    }
}
