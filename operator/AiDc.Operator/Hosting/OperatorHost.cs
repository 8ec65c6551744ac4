using Microsoft.Extensions.Options;

namespace AiDc.Operator.Hosting;

/// <summary>Puts the operator together.</summary>
public static class OperatorHost
{
    public static WebApplicationBuilder AddOperator(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OperatorOptions>().BindConfiguration(OperatorOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IPostConfigureOptions<OperatorOptions>, OperatorOptionsDefaults>();
        builder.Services.AddSingleton<IValidateOptions<OperatorOptions>, OperatorOptionsValidator>();
        builder.Services.AddSingleton(TimeProvider.System);
        return builder;
    }
}
