using AiDc.Operator.Hosting;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddOperator();
var app = builder.Build();
await app.RunAsync();
